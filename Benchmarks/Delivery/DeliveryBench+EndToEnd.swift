extension DeliveryBench {
    /// HTTP in, committed, fanned out, signed, posted, result committed: from the first event until the last result is
    /// durable.
    ///
    /// - Parameters:
    ///   - inEachRequest: events that the producer puts into a request.
    ///   - connections: of the producer, and requests that the bare loop has under way.
    func endToEnd(
        fanOut: Int, events: Int, inEachRequest: Int = 1, connections: Int = connections,
        _ report: inout Report
    ) async throws {
        let what =
            "fan-out \(fanOut)" + (inEachRequest == 1 ? "" : ", \(inEachRequest) events in a request")
            + (connections == Self.connections ? "" : ", \(connections) connections")
        let bareName =
            connections == Self.connections ? Self.bareName : "\(Self.bareName), \(connections) at a time"
        let yaml = names(fanOut).map {
            BenchSidecar.subscription($0, to: receiver.url(), more: "maxInFlight: \(connections)")
        }
        let sidecar = try await BenchSidecar.start(yaml.joined())
        let producer = producer(sidecar)
        try await producer.post(0..<2000, connections: connections)
        try await sidecar.settled()
        let bytes = sidecar.stateBytes
        let cpu = try await sidecar.cpuSeconds
        var next = 2000
        let (rate, bare, ratio) = try await paired(concurrency: connections) {
            let (count, range) = (receiver.count, next..<(next + events))
            next += events
            let time = try await ContinuousClock().measure {
                try await producer.post(range, inEachRequest: inEachRequest, connections: connections)
                try await sidecar.settled()
            }
            guard receiver.count - count >= events * fanOut else {
                throw BenchmarkFailure("the receiver got \(receiver.count - count) of \(events * fanOut)")
            }
            return Double(events * fanOut) / time.seconds
        }
        let deliveries = Double((next - 2000) * fanOut)
        if fanOut == 1, inEachRequest == 1 {
            report.add(Measurement(name: bareName, value: bare, unit: "/s", limit: .isLimit))
        }
        report.add(
            Measurement(
                name: "deliveries end to end, \(what)", value: rate, unit: "/s",
                limit: .ratio(ratio, of: bareName)))
        let used = try await sidecar.cpuSeconds - cpu
        report.add(
            Measurement(
                name: "CPU of the sidecar for each delivery, \(what)",
                value: used / deliveries * 1e6, unit: "µs"))
        report.add(
            Measurement(
                name: "memory at that rate, \(what)", value: sidecar.peakMemory, unit: "MiB"))
        try await sidecar.stop()
        report.add(
            Measurement(
                name: "disk for each delivery with its event and its attempt, \(what)",
                value: Double(sidecar.stateBytes - bytes) / deliveries, unit: "bytes"))
    }
}
