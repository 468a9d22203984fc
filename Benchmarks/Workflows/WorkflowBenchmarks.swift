import NIOCore
import NIOPosix

/// Workflows end to end: a producer of events, the sidecar as its users run it, and a receiver of the steps' requests, on
/// one machine.
struct WorkflowBenchmarks: Subject {
    static let name = "workflows"

    /// What is measured, in this order.
    private enum Phase: String, CaseIterable {
        case steps, runs, records, latency, waiting
    }

    private let phases: [Phase]

    init(phases: [String]?) throws { self.phases = try Phase.chosen(phases) }

    func run(_ report: inout Report) async throws {
        try await BenchReceiver.serving { group, receiver in
            let bench = WorkflowBench(group: group, receiver: receiver)
            for phase in phases {
                switch phase {
                case .steps: try await bench.requests(steps: 5, runs: 6000, &report)
                case .runs: try await bench.requests(steps: 1, runs: 15_000, &report)
                case .records: try await bench.records(&report)
                case .latency: try await bench.latency(&report)
                case .waiting: try await bench.waiting(&report)
                }
            }
        }
    }
}

/// What the phases share.
struct WorkflowBench {
    static let connections = 64
    static let rounds = 3

    let group: any EventLoopGroup
    let receiver: BenchReceiver

    func producer(_ sidecar: BenchSidecar) -> Producer {
        Producer(group: group, port: sidecar.port, token: BenchSidecar.token)
    }

    /// A workflow on new tickets.
    func workflow(_ steps: String) -> String {
        """
        ---
        apiVersion: sync.zentra.dev/v1
        kind: Workflow
        metadata: {name: bench}
        spec:
          triggers: [{event: ticket.created}]
          steps:
        \(steps)
        """
    }

    /// A step that sends a request with the event's number and waits for the answer.
    func request(_ id: String) -> String {
        """
            - id: \(id)
              http: {method: POST, url: "\(receiver.url())", body: {number: "${dyn(event.data).number}", step: \(id)}}

        """
    }

    /// Posts events and returns how long it took until all of their runs had ended, and that was durable.
    ///
    /// - Parameter requests: that each run sends. The sidecar is asked for its metrics when they are through, because an
    ///   answer costs it more than a step.
    func time(_ events: Range<Int>, requests: Int, _ sidecar: BenchSidecar) async throws -> Double {
        let done = try await sidecar.metric("workflow_runs_total")
        let sent = receiver.count
        return try await ContinuousClock().measure {
            try await producer(sidecar).post(events, connections: Self.connections)
            while receiver.count < sent + events.count * requests {
                try await Task.sleep(for: .milliseconds(1))
            }
            while try await sidecar.metric("workflow_runs_total") < done + Double(events.count) {
                try await Task.sleep(for: .milliseconds(requests > 0 ? 10 : 100))
            }
        }.seconds
    }

    /// - Throws: when a run did not succeed.
    func checkOutcomes(_ sidecar: BenchSidecar, _ runs: Int) async throws {
        let succeeded = try await sidecar.metric("workflow_runs_total", with: "outcome=\"succeeded\"")
        guard succeeded == Double(runs) else {
            throw BenchmarkFailure("\(Int(succeeded)) of \(runs) runs succeeded")
        }
    }
}
