extension WorkflowBench {
    /// Steps that send a request each: from the first event until the last result is durable. A step is one transaction.
    func requests(steps: Int, runs: Int, _ report: inout Report) async throws {
        let sidecar = try await BenchSidecar.start(
            workflow((1...steps).map { request("step\($0)") }.joined()))
        let rate = try await measure(sidecar, runs: runs, requests: steps)
        guard receiver.count == rate.runs * steps else {
            throw BenchmarkFailure("the receiver got \(receiver.count) of \(rate.runs * steps) requests")
        }
        receiver.reset()
        let (name, count) =
            steps == 1 ? ("a run of one request", 1) : ("a request of \(steps) in a run", steps)
        report.add(
            Measurement(
                name: steps == 1 ? "runs with one request each" : "steps with requests, \(steps) in each run",
                value: rate.perSecond * Double(count), unit: "/s", limit: .target(5000)))
        try await finish(sidecar, rate, count: count, name, &report)
    }

    /// Steps that change a record, one after the other in one transaction with their events.
    func records(_ report: inout Report) async throws {
        let sidecar = try await BenchSidecar.start(
            workflow(
                """
                    - id: make
                      create: {record: problem, set: {subject: "${event.data.key}"}}
                    - id: nap
                      sleep: {for: 100ms}
                    - id: change
                      update: {record: problem, id: "${steps.make.outputs.id}", set: {status: investigating}}

                """))
        let rate = try await measure(sidecar, runs: 2000, requests: 0)
        report.add(
            Measurement(
                name: "steps of runs that make a record, sleep, and change it", value: rate.perSecond * 3,
                unit: "/s", limit: .target(5000)))
        try await finish(sidecar, rate, count: 3, "a step of these", &report)
    }

    private struct Rate {
        var perSecond: Double
        var runs: Int
        var cpu: Double
        var bytes: Int
    }

    private func measure(_ sidecar: BenchSidecar, runs: Int, requests: Int) async throws -> Rate {
        let warmUp = 500
        _ = try await time(0..<warmUp, requests: requests, sidecar)
        let (bytes, cpu) = (sidecar.stateBytes, try await sidecar.cpuSeconds)
        var rates: [Double] = []
        for round in 0..<Self.rounds {
            let first = warmUp + round * runs
            let time = try await time(first..<(first + runs), requests: requests, sidecar)
            rates.append(Double(runs) / time)
        }
        let all = warmUp + Self.rounds * runs
        try await checkOutcomes(sidecar, all)
        return Rate(
            perSecond: rates.median, runs: all, cpu: try await sidecar.cpuSeconds - cpu,
            bytes: sidecar.stateBytes - bytes)
    }

    private func finish(
        _ sidecar: BenchSidecar, _ rate: Rate, count: Int, _ name: String, _ report: inout Report
    ) async throws {
        let steps = Double((rate.runs - 500) * count)
        report.add(
            Measurement(name: "CPU of the sidecar for \(name)", value: rate.cpu / steps * 1e6, unit: "µs"))
        report.add(Measurement(name: "memory at that rate", value: sidecar.peakMemory, unit: "MiB"))
        report.add(Measurement(name: "disk for \(name)", value: Double(rate.bytes) / steps, unit: "bytes"))
        try await sidecar.stop()
    }
}
