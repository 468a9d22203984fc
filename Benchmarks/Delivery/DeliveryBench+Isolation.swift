extension DeliveryBench {
    /// What the healthy receivers get while one in five is slow and one in five fails, against what the same ones get
    /// when all are well.
    func isolation(_ report: inout Report) async throws {
        let (receivers, events) = (10, 8000)
        func rate(_ path: (Int) -> BenchReceiver.Path) async throws -> Double {
            let yaml = names(receivers).enumerated().map { index, name in
                BenchSidecar.subscription(
                    name, to: receiver.url(path(index)),
                    more: "retry: {initialBackoff: 1s, multiplier: 2, maxBackoff: 1h}")
            }
            let sidecar = try await BenchSidecar.start(yaml.joined())
            let healthy = (0..<receivers).count { path($0) == .ok }
            let producer = producer(sidecar)
            let start = receiver.count
            let time = try await ContinuousClock().measure {
                try await producer.post(0..<events, connections: Self.connections)
                while receiver.count - start < events * healthy {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            await sidecar.kill()
            return Double(events) / time.seconds
        }
        let mixed: (Int) -> BenchReceiver.Path = { [.ok, .ok, .ok, .slow, .fail][$0 % 5] }
        var ratios: [Double] = []
        var rates: (well: [Double], mixed: [Double]) = ([], [])
        for _ in 0..<Self.pairs {
            rates.well.append(try await rate { _ in .ok })
            rates.mixed.append(try await rate(mixed))
            ratios.append(rates.mixed[rates.mixed.count - 1] / rates.well[rates.well.count - 1])
        }
        report.add(
            Measurement(
                name: "events/s to each of \(receivers) healthy receivers", value: rates.well.median,
                unit: "/s",
                limit: .isLimit))
        report.add(
            Measurement(
                name: "the same while 2 are slow and 2 fail, to each healthy one", value: rates.mixed.median,
                unit: "/s", limit: .ratio(ratios.median, of: "all healthy")))
    }
}
