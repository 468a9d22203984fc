import JSON
import Resources
import Store
import Testing

@testable import Runtime

/// Runs that begin in the transaction of their event, and those that cannot.
@Suite(.timeLimit(.minutes(5))) struct RunBeginningTests {
    private let secrets = ["api-token": token]

    private func workflow(_ name: String, _ spec: String) -> String {
        "---\nkind: Workflow\nmetadata: {name: \(name)}\nspec:\n"
            + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    }

    private func event(_ number: Int) -> String {
        #"{"event":"ticket.created","data":{"id":"tkt_\#(number)","key":"INC-\#(number)","priority":"high"}}"#
    }

    private func newest(_ workflow: String, _ runtime: RuntimeHarness) async throws -> JSONValue {
        let runs = try await runtime.store.runs(RunFilter(workflow: workflow), before: nil, limit: 1)
        let run = try #require(runs.items.first)
        return try await runtime.send("GET", "/api/v1/runs/\(run.id)", token: token).json
    }

    @Test func `what a run does first is stored with its event, before that is answered`() async throws {
        let yaml =
            adminToken
            + workflow(
                "sleep",
                """
                triggers: [{event: ticket.created}]
                steps:
                  - {id: mark, set: {number: "${event.data.key}"}}
                  - {id: pause, sleep: {for: 1h}}
                """)
            + workflow(
                "wait",
                """
                triggers: [{event: ticket.created}]
                steps:
                  - {id: changed, waitFor: {event: ticket.updated, timeout: 1h}}
                """)
            + workflow(
                "set",
                """
                triggers: [{event: ticket.created}]
                steps:
                  - {id: mark, set: {number: "${event.data.key}"}}
                """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: event(1))
            #expect(try answer.json["runs"]?.int == 3)
            let sleeping = try await newest("sleep", runtime)
            #expect(sleeping["status"] == "waiting")
            #expect(sleeping.step("mark")?["outputs"]?["number"] == "INC-1")
            #expect(sleeping.step("pause")?["status"] == "waiting")
            #expect(try await newest("wait", runtime)["status"] == "waiting")
            let ended = try await newest("set", runtime)
            #expect(ended["status"] == "succeeded")
            #expect(ended["finishedAt"]?.string != nil)
            let metrics = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
            #expect(metrics["zentra_sync_workflow_runs_total{workflow=\"set\",outcome=\"succeeded\"}"] == 1)
            #expect(metrics["zentra_sync_loaded_workflow_runs"] == 0)
            // The wait is known to the state.
            let change = #"{"event":"ticket.updated","data":{"id":"tkt_1"}}"#
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: change)
            try await runtime.run(of: "wait") { $0["status"] == "succeeded" }
        }
    }

    @Test func `runs that depend on others, or begin with a record, begin by themselves`() async throws {
        let yaml =
            adminToken
            + workflow(
                "once",
                """
                triggers: [{event: ticket.created}]
                dedupe: {key: event.type, window: 1h}
                steps:
                  - {id: mark, set: {number: "${event.data.key}"}}
                """)
            + workflow(
                "turns",
                """
                triggers: [{event: ticket.created}]
                concurrency: {key: event.type, limit: 1, onConflict: queue}
                steps:
                  - {id: mark, set: {number: "${event.data.key}"}}
                """)
            + workflow(
                "record",
                """
                triggers: [{event: ticket.created}]
                steps:
                  - {id: make, create: {record: problem, set: {subject: "about ${event.data.key}"}}}
                """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            for number in 1...3 {
                _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event(number))
            }
            func runs(_ workflow: String) async throws -> [WorkflowRun] {
                try await runtime.store.runs(RunFilter(workflow: workflow), before: nil, limit: 10).items
            }
            while try await (runs("turns") + runs("record")).contains(where: { $0.status != .succeeded }) {
                try Task.checkCancellation()
            }
            #expect(try await runs("turns").count == 3)
            #expect(try await runs("record").count == 3)
            #expect(try await runs("once").count == 1)
            let problems = try await runtime.send("GET", "/api/v1/problems", token: token).json
            #expect(problems["items"]?.array?.count == 3)
        }
    }

    @Test func `of many events at once each run sends its request once`() async throws {
        try await StubReceiver.run { (receiver) async throws in
            let yaml =
                adminToken
                + workflow(
                    "call",
                    """
                    triggers: [{event: ticket.created}]
                    steps:
                      - {id: first, http: {url: "\(receiver.url)", body: {key: "${event.data.key}", step: 1}}}
                      - {id: second, http: {url: "\(receiver.url)", body: {key: "${event.data.key}", step: 2}}}
                    """)
            try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
                let count = 40
                let events = "[\((0..<count).map(event).joined(separator: ","))]"
                let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: events)
                #expect(answer.status == 202)
                var (bodies, keys): (Set<String>, Set<String>) = ([], [])
                for _ in 0..<(2 * count) {
                    let request = try await receiver.requests.next()
                    bodies.insert(String(decoding: request.body, as: UTF8.self))
                    keys.insert(request.header("Idempotency-Key") ?? "")
                }
                #expect(bodies.count == 2 * count)
                #expect(keys.count == 2 * count)
                // Counted once it is durable, so a moment after the state says so.
                func counted() async throws -> Double {
                    let metrics = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
                    return metrics["zentra_sync_workflow_runs_total{workflow=\"call\",outcome=\"succeeded\"}"]
                        ?? 0
                }
                while try await counted() < Double(count) { try Task.checkCancellation() }
                #expect(try await counted() == Double(count))
                #expect(try await runtime.store.unfinishedRuns().isEmpty)
            }
        }
    }
}
