extension DeliveryBench {
    /// From an event to its request at the receiver, at a rate that leaves the machine room.
    func latency(_ report: inout Report) async throws {
        let (rate, seconds) = (1000, 20)
        let sidecar = try await BenchSidecar.start(BenchSidecar.subscription("all", to: receiver.url()))
        let producer = producer(sidecar)
        try await producer.post(0..<2000, connections: Self.connections)
        let times = EventTimes(first: 2000, count: rate * seconds)
        receiver.observe { times.arrived($0, $1) }
        try await producer.post(
            2000..<(2000 + rate * seconds), perSecond: rate, connections: Self.connections
        ) { times.accepted($0, sent: $1, answered: $2) }
        try await sidecar.settled()
        receiver.observe(nil)
        try await sidecar.stop()
        let latencies = try times.latencies()
        for (name, share, target) in [("p50", 0.5, 2.0), ("p99", 0.99, 10), ("p99.9", 0.999, nil)] {
            report.add(
                Measurement(
                    name: "from 202 to the receiver at \(rate) events/s, \(name)",
                    value: latencies.afterAnswer.quantile(share), unit: "ms",
                    limit: target.map { .target($0) } ?? .none))
        }
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            report.add(
                Measurement(
                    name: "from the event's request to the receiver, \(name)",
                    value: latencies.afterRequest.quantile(share), unit: "ms"))
        }
    }
}
