import NIOCore
import Synchronization
import TestSupport

extension WorkflowBench {
    /// A hundred thousand runs that wait for a message each: what they cost, and what one message among them does.
    func waiting(_ report: inout Report) async throws {
        let (runs, messages) = (100_000, 500)
        let sidecar = try await BenchSidecar.start(Self.endpoint + waitingWorkflow)
        let empty = (memory: sidecar.memory, bytes: sidecar.stateBytes)
        let few = try await callbacks(0..<messages, sidecar, waiting: 0)
        let filling = try await ContinuousClock().measure {
            try await producer(sidecar).postBatches(messages..<(messages + runs), connections: 4)
            try await settle(sidecar, waiting: runs)
        }
        report.add(
            Measurement(
                name: "starting \(runs) runs that wait", value: Double(runs) / filling.seconds, unit: "/s"))
        report.add(
            Measurement(
                name: "memory with \(runs) runs waiting, against \(empty.memory.rounded(to: 0)) MiB without",
                value: sidecar.memory, unit: "MiB"))
        report.add(
            Measurement(name: "the most while they were started", value: sidecar.peakMemory, unit: "MiB"))
        report.add(
            Measurement(
                name: "disk for a run that waits, its event included",
                value: Double(sidecar.stateBytes - empty.bytes) / Double(runs), unit: "bytes"))
        try await idle(sidecar, &report)
        let many = try await callbacks(messages..<(2 * messages), sidecar, waiting: runs - messages)
        report.add(
            Measurement(
                name: "from a message to the request of the run it resumes, few waiting, p50",
                value: few.quantile(0.5), unit: "ms", limit: .isLimit))
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            report.add(
                Measurement(
                    name: "the same among \(runs) that wait, \(name)", value: many.quantile(share),
                    unit: "ms",
                    limit: .ratio(many.quantile(share) / few.quantile(share), of: "few waiting")))
        }
        try await restart(sidecar, runs - messages, &report)
        receiver.reset()
    }

    /// What waiting costs while nothing happens.
    private func idle(_ sidecar: BenchSidecar, _ report: inout Report) async throws {
        let cpu = try await sidecar.cpuSeconds
        try await Task.sleep(for: .seconds(10))
        let used = try await sidecar.cpuSeconds - cpu
        report.add(
            Measurement(name: "CPU while all of them wait", value: used / 10 * 1000, unit: "ms/s"))
    }

    private func restart(_ sidecar: BenchSidecar, _ runs: Int, _ report: inout Report) async throws {
        await sidecar.kill()
        let clock = ContinuousClock()
        let started = clock.now
        let next = try await BenchSidecar.start(
            Self.endpoint + waitingWorkflow, folder: sidecar.folder)
        report.add(
            Measurement(
                name: "start to ready with them after a kill",
                value: started.duration(to: clock.now).seconds, unit: "s"))
        try await settle(next, waiting: runs)
        report.add(Measurement(name: "memory of that start", value: next.peakMemory, unit: "MiB"))
        await next.kill()
    }

    private func settle(_ sidecar: BenchSidecar, waiting: Int) async throws {
        while try await sidecar.metric("open_workflow_runs", with: "status=\"waiting\"") != Double(waiting) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Milliseconds from each message to the request that its run sends then, one message at a time.
    ///
    /// - Parameter waiting: runs that wait afterwards; none before means that those of the messages are started first.
    private func callbacks(_ range: Range<Int>, _ sidecar: BenchSidecar, waiting: Int) async throws
        -> [Double]
    {
        if waiting == 0 {
            try await producer(sidecar).postBatches(range, connections: 1)
            try await settle(sidecar, waiting: range.count)
        }
        let arrival = Arrival()
        receiver.observe { event, now in arrival.set(event, now) }
        defer { receiver.observe(nil) }
        var times: [Double] = []
        for event in range {
            let start = NIODeadline.now()
            let answer = try await HTTPExchange.post(
                "/api/webhooks/bench", port: sidecar.port, body: "{\"key\":\"\(BenchEvent.key(event))\"}",
                headers: ["X-Secret": "a-secret-for-the-signatures"])
            guard answer.status == 202 else { throw BenchmarkFailure("a message got \(answer.status)") }
            let end = try await arrival.time(of: event)
            times.append(Double((end - start).nanoseconds) / 1e6)
        }
        try await settle(sidecar, waiting: waiting)
        return times
    }

    private final class Arrival: Sendable {
        private let last = Mutex<(event: Int, time: NIODeadline)>((-1, .now()))

        func set(_ event: Int, _ time: NIODeadline) { last.withLock { $0 = (event, time) } }

        func time(of event: Int) async throws -> NIODeadline {
            while true {
                let (known, time) = last.withLock(\.self)
                if known == event { return time }
                try await Task.sleep(for: .microseconds(200))
            }
        }
    }

    private static let endpoint = """
        ---
        apiVersion: sync.zentra.dev/v1
        kind: InboundEndpoint
        metadata: {name: bench}
        spec:
          verify: {sharedSecret: {header: X-Secret, secretRef: signing}}
          correlation: {key: event.data.key}

        """

    private var waitingWorkflow: String {
        workflow(
            """
                - id: answer
                  waitFor: {inbound: bench, key: dyn(event.data).number, timeout: 30d}
            \(request("call"))
            """)
    }
}
