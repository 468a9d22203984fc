extension DeliveryBench {
    private static let backlog = 100_000

    /// A backlog that waited for a suspended subscription, from its resumption until the last result is durable.
    func drain(_ report: inout Report) async throws {
        let suspended = BenchSidecar.subscription("all", to: receiver.url(), more: "suspend: true")
        let active = BenchSidecar.subscription("all", to: receiver.url(), more: "maxInFlight: 64")
        let sidecar = try await BenchSidecar.start(suspended)
        let producer = producer(sidecar)
        var next = 0
        var times: [Double] = []
        let (rate, bare, ratio) = try await paired {
            try await producer.postBatches(next..<(next + Self.backlog), connections: 4)
            next += Self.backlog
            let time = try await ContinuousClock().measure {
                try await sidecar.configure(active)
                try await sidecar.settled()
            }
            times.append(time.seconds)
            try await sidecar.configure(suspended)
            return Double(Self.backlog) / time.seconds
        }
        report.add(
            Measurement(name: "\(Self.bareName), while draining", value: bare, unit: "/s", limit: .isLimit))
        report.add(
            Measurement(
                name: "draining \(Self.backlog) pending deliveries", value: rate, unit: "/s",
                limit: .ratio(ratio, of: Self.bareName)))
        report.add(Measurement(name: "time to drain them", value: times.median, unit: "s"))
        report.add(Measurement(name: "memory while draining", value: sidecar.peakMemory, unit: "MiB"))
        try await sidecar.stop()
    }
}
