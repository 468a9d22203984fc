extension WorkflowBench {
    /// From an event to the request of the first step of its run, at a rate that leaves the machine room.
    func latency(_ report: inout Report) async throws {
        let (rate, seconds) = (500, 20)
        let sidecar = try await BenchSidecar.start(workflow(request("call")))
        _ = try await time(0..<1000, requests: 1, sidecar)
        let times = EventTimes(first: 1000, count: rate * seconds)
        receiver.observe { times.arrived($0, $1) }
        try await producer(sidecar).post(
            1000..<(1000 + rate * seconds), perSecond: rate, connections: Self.connections
        ) { times.accepted($0, sent: $1, answered: $2) }
        while try await sidecar.metric("workflow_runs_total") < Double(1000 + rate * seconds) {
            try await Task.sleep(for: .milliseconds(20))
        }
        receiver.observe(nil)
        receiver.reset()
        try await sidecar.stop()
        let latencies = try times.latencies()
        for (name, share, target) in [("p50", 0.5, 10.0), ("p99", 0.99, nil), ("p99.9", 0.999, nil)] {
            report.add(
                Measurement(
                    name: "from the event's request to its HTTP call at \(rate)/s, \(name)",
                    value: latencies.afterRequest.quantile(share), unit: "ms",
                    limit: target.map { .target($0) } ?? .none))
        }
        report.add(
            Measurement(
                name: "from the event's 202 to its HTTP call, p50",
                value: latencies.afterAnswer.quantile(0.5), unit: "ms"))
    }
}
