extension DeliveryBench {
    private static let pending = 1_000_000

    /// A process that was killed with a million pending deliveries, from its start until it is ready.
    func recovery(_ report: inout Report) async throws {
        // Ten suspended subscriptions, so that a tenth of the events do.
        let yaml = names(10).map { BenchSidecar.subscription($0, to: receiver.url(), more: "suspend: true") }
        let first = try await BenchSidecar.start(yaml.joined())
        let filling = try await ContinuousClock().measure {
            try await producer(first).postBatches(0..<(Self.pending / 10), connections: 4)
        }
        report.add(
            Measurement(
                name: "accepting \(Self.pending) deliveries in batches, fan-out 10",
                value: Double(Self.pending) / filling.seconds, unit: "/s"))
        report.add(Measurement(name: "memory with them pending", value: first.memory, unit: "MiB"))
        await first.kill()
        var times: [Double] = []
        var memory: [Double] = []
        for _ in 0..<Self.pairs {
            let clock = ContinuousClock()
            let started = clock.now
            let sidecar = try await BenchSidecar.start(yaml.joined(), folder: first.folder)
            times.append(started.duration(to: clock.now).seconds)
            guard try await sidecar.metric("pending_deliveries") == Double(Self.pending) else {
                throw BenchmarkFailure("pending deliveries were lost")
            }
            memory.append(sidecar.peakMemory)
            await sidecar.kill()
        }
        report.add(
            Measurement(
                name: "start to ready with \(Self.pending) pending after a kill", value: times.median,
                unit: "s",
                limit: .target(1)))
        report.add(
            Measurement(
                name: "memory of that start", value: memory.median, unit: "MiB", limit: .target(200)))
        try await deletion(first.folder, &report)
    }

    /// From the change of the file until a subscription with a tenth of them is gone.
    private func deletion(_ folder: BenchFolder, _ report: inout Report) async throws {
        func yaml(_ count: Int) -> String {
            names(count).map { BenchSidecar.subscription($0, to: receiver.url(), more: "suspend: true") }
                .joined()
        }
        let sidecar = try await BenchSidecar.start(yaml(10), folder: folder)
        let time = try await ContinuousClock().measure { try await sidecar.configure(yaml(9)) }
        guard try await sidecar.metric("pending_deliveries") == Double(Self.pending) * 0.9 else {
            throw BenchmarkFailure("the wrong deliveries were cancelled")
        }
        report.add(
            Measurement(
                name: "deleting a subscription with \(Self.pending / 10) pending, until that is live",
                value: time.seconds, unit: "s"))
        await sidecar.kill()
    }
}
