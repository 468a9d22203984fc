import HTTPTypes
import JSON
import Logging
import Resources
import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct WorkflowShellTests {
    private let secrets = ["api-token": token]
    private let event =
        #"{"event":"ticket.created","data":{"id":"tkt_1","key":"INC-1","priority":"critical"}}"#

    private func workflow(_ spec: String) -> String {
        adminToken + "---\nkind: Workflow\nmetadata: {name: page}\nspec:\n"
            + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    }

    @Test func `a run whose attempts are used up waits for a person, who lets it go on with its key`()
        async throws
    {
        try await StubReceiver.run(answer: { $0 <= 2 ? .serviceUnavailable : .ok }) {
            (receiver) async throws in
            let yaml = workflow(
                """
                triggers: [{event: ticket.created}]
                onExhausted: pause
                steps:
                  - id: call
                    http: {url: "\(receiver.url)", body: {id: "${event.data.id}"}}
                    retry: {maxAttempts: 2, initialBackoff: 100ms, jitter: 0}
                  - {id: mark, set: {done: true}}
                """)
            try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
                _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
                let paused = try await runtime.run(until: "paused")
                let id = try #require(paused["id"]?.string)
                #expect(paused.step("call")?["paused"] == true)
                #expect(paused.step("call")?["error"]?["message"] == "the answer is 503")
                let open = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
                #expect(
                    open["zentra_sync_open_workflow_runs{workflow=\"page\",status=\"paused\"}"] == 1)
                let path = "/api/v1/runs/\(id)"
                #expect(try await runtime.send("POST", path + "/retry", token: token).status == 409)
                #expect(try await runtime.send("POST", path + "/resume", token: token).status == 202)
                let run = try await runtime.run(until: "succeeded")
                #expect(run["id"]?.string == id)
                #expect(run.step("call")?["attempts"] == 3)
                let requests = try await [
                    receiver.requests.next(), receiver.requests.next(), receiver.requests.next(),
                ]
                #expect(Set(requests.map { $0.header("Idempotency-Key") }).count == 1)
                #expect(Set(requests.map(\.body)).count == 1)
                #expect(try await runtime.send("POST", path + "/resume", token: token).status == 409)
            }
        }
    }

    @Test func `a pause that began while the clock was ahead ends in time, also after a restart`()
        async throws
    {
        let clock = SettableClock("2026-01-05T12:00:00Z")
        var setup = RuntimeHarness.Setup()
        setup.clock = clock
        let yaml = workflow("triggers: [{event: ticket.created}]\nsteps: [{id: pause, sleep: {for: 5m}}]")
        setup.folder = try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) {
            (runtime) async throws in
            let maintenance = runtime.runtime.maintenance
            try await maintenance.runOnce()
            clock.set(by: .seconds(30 * 86_400))
            try await maintenance.runOnce()
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            try await runtime.run { $0.step("pause")?["status"]?.string == "waiting" }
            clock.set(by: .seconds(-30 * 86_400))
            try await maintenance.runOnce()
            return runtime.folder
        }
        try await RuntimeHarness.run(nil, secrets: secrets, setup: setup) { (runtime) async throws in
            clock.pass(.seconds(299))
            #expect(
                try await runtime.send("GET", "/api/v1/runs", token: token).json["items"]?.array?.first?[
                    "status"]?.string == "waiting")
            clock.pass(.seconds(2))
            _ = try await runtime.run(until: "succeeded")
        }
    }

    @Test func `a workflow that says so ends the runs of its earlier revision when it changes`() async throws
    {
        let spec = """
            triggers: [{event: ticket.created}]
            concurrency: {key: event.type, limit: 1, onConflict: queue}
            steps:
              - {id: pause, sleep: {for: 1h}}
            finally:
              - {id: bye, set: {text: "was %"}}
            """
        try await RuntimeHarness.run(workflow(spec), secrets: secrets) { (runtime) async throws in
            for _ in 0..<2 { _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event) }
            try await runtime.run(of: "page") { $0["status"]?.string == "queued" }
            let changed = spec.replacing("%", with: "changed") + "\nrollout: cancel"
            try await runtime.apply(workflow(changed), secrets: ["api-token"])
            func cancelled() async throws -> [WorkflowRun] {
                try await runtime.store.runs(RunFilter(status: .cancelled), before: nil, limit: 10).items
            }
            while try await cancelled().count < 2 { try Task.checkCancellation() }
            let runs = try await cancelled()
            // The queued one never began.
            let begun = try #require(runs.last)
            let detail = try await runtime.send("GET", "/api/v1/runs/\(begun.id)", token: token).json
            #expect(detail.step("bye")?["outputs"]?["text"] == "was %")
            #expect(detail.step("pause")?["status"] == "cancelled")
            // A run of the new revision is left alone.
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            try await runtime.run { $0.step("pause")?["status"]?.string == "waiting" }
        }
    }

    /// A run that waits for one which is queued.
    private static let calling = """
        ---
        kind: Workflow
        metadata: {name: caller}
        spec:
          triggers: [{event: ticket.created}]
          steps: [{id: ask, call: {workflow: called}}]
        ---
        kind: Workflow
        metadata: {name: called}
        spec:
          triggers: [{manual: {}}]
          concurrency: {key: event.type, limit: 1, onConflict: queue}
          steps: [{id: pause, sleep: {for: 1h}}]
        """

    @Test(arguments: [false, true])
    func `a run goes on when the one that it waits for is cancelled before it began`(_ byChange: Bool)
        async throws
    {
        try await RuntimeHarness.run(adminToken + Self.calling, secrets: secrets) { (runtime) async throws in
            let first = try await runtime.send(
                "POST", "/api/v1/workflows/called/runs", token: token, json: "{}")
            #expect(first.status == 201)
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            let queued = try await runtime.run(of: "called") { $0["status"]?.string == "queued" }
            let caller = try await runtime.run(of: "caller") { $0["status"]?.string == "waiting" }
            #expect(caller.step("ask")?["status"] == "waiting")
            if byChange {
                let changed = Self.calling.replacing(
                    "sleep: {for: 1h}}]", with: "sleep: {for: 2h}}]\n  rollout: cancel")
                try await runtime.apply(adminToken + changed, secrets: ["api-token"])
            } else {
                let id = queued["id"]?.string ?? ""
                let answer = try await runtime.send("POST", "/api/v1/runs/\(id)/cancel", token: token)
                #expect(try answer.json["status"] == "cancelled")
            }
            let ended = try await runtime.run(of: "caller") { $0["status"]?.string == "failed" }
            #expect(ended.step("ask")?["error"]?["type"] == "call")
        }
    }

    @Test func `a step waits for an event about its record, and one that came early counts`() async throws {
        let yaml = workflow(
            """
            triggers: [{event: ticket.created}]
            steps:
              - id: closed
                waitFor:
                  event: ticket.resolved
                  timeout: 1h
              - id: nap
                sleep: {for: 100ms}
              - id: changed
                waitFor: {event: "ticket.*", match: message.data.status == 'resolved', timeout: 1h}
            """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            func create() async throws -> String {
                let made = try await runtime.send(
                    "POST", "/api/v1/tickets", token: token, json: #"{"subject":"db down"}"#)
                return try made.json["id"]?.string ?? ""
            }
            let (id, other) = (try await create(), try await create())
            func patch(_ id: String, _ json: String) async throws {
                let answer = try await runtime.send(
                    "PATCH", "/api/v1/tickets/\(id)", token: token, json: json)
                #expect(answer.status == 200)
            }
            try await patch(id, #"{"priority":"high"}"#)
            try await patch(other, #"{"status":"resolved"}"#)
            while try await runtime.store.runs(RunFilter(status: .succeeded), before: nil, limit: 2).items
                .isEmpty
            {
                try Task.checkCancellation()
            }
            let done = try await runtime.store.runs(RunFilter(status: .succeeded), before: nil, limit: 2)
                .items
            #expect(done.map(\.recordID) == [other], "the event of another record resumes nobody")
            let detail = try await runtime.send("GET", "/api/v1/runs/\(done[0].id)", token: token).json
            let messages = ["closed", "changed"].map {
                detail.step($0)?["outputs"]?["message"]?["id"]?.string
            }
            #expect(messages[0] != messages[1], "no event resumes a run twice")
            #expect(detail.step("closed")?["outputs"]?["timedOut"] == false)
        }
    }

    @Test func `runs that make the same record at once make one`() async throws {
        let yaml = workflow(
            """
            triggers: [{event: ticket.created}]
            steps:
              - id: once
                upsert:
                  record: problem
                  match: {subject: "about ${event.data.key}"}
                  set: {description: "${run.id}"}
            """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            let events = "[" + Array(repeating: event, count: 40).joined(separator: ",") + "]"
            let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: events)
            #expect(answer.status == 202)
            func count(_ status: RunStatus) async throws -> Int {
                try await runtime.store.runs(RunFilter(status: status), before: nil, limit: 50).items.count
            }
            while try await count(.succeeded) + count(.failed) < 40 { try Task.checkCancellation() }
            #expect(try await count(.failed) == 0)
            let problems = try await runtime.send("GET", "/api/v1/problems", token: token).json
            #expect(problems["items"]?.array?.count == 1)
            let runs = try await runtime.store.runs(RunFilter(), before: nil, limit: 50).items
            var made = 0
            for run in runs {
                let detail = try await runtime.send("GET", "/api/v1/runs/\(run.id)", token: token).json
                if detail.step("once")?["outputs"]?["created"] == true { made += 1 }
            }
            #expect(made == 1)
        }
    }

    @Test func `a long run that waits over and over stays in memory, and takes each message once`()
        async throws
    {
        let yaml =
            workflow(
                """
                triggers: [{event: ticket.created}]
                steps:
                  - id: all
                    forEach:
                      items: "lists.range(30)"
                      as: item
                      steps:
                        - {id: wait, waitFor: {inbound: in, key: item, timeout: 1h}}
                    outputs: {values: "${response.body.results.map(r, r.message.data.value)}"}
                """) + """
                ---
                kind: InboundEndpoint
                metadata: {name: in}
                spec:
                  verify: {sharedSecret: {header: X-Secret, secretRef: api-token}}
                  correlation: {key: event.data.key}

                """
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            func tell(_ key: Int, _ value: Int) async throws {
                let answer = try await runtime.send(
                    "POST", "/api/webhooks/in", headers: ["X-Secret": token],
                    json: #"{"key":\#(key),"value":\#(value)}"#)
                #expect(answer.status == 202)
            }
            for key in 0..<29 {
                if key.isMultiple(of: 2) {
                    try await runtime.run { $0.step("wait[\(key)]")?["status"]?.string == "waiting" }
                }
                try await tell(key, key * 10)
                try await tell(key, -1)
            }
            try await runtime.run { $0.step("wait[29]")?["status"]?.string == "waiting" }
            let metrics = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
            #expect(metrics["zentra_sync_loaded_workflow_runs"] == 1)
            try await tell(29, 290)
            let run = try await runtime.run(until: "succeeded")
            let values = run.step("all")?["outputs"]?["values"]?.array?.compactMap(\.int)
            #expect(values == (0..<30).map { $0 * 10 })
        }
    }

    @Test func `a run whose journal cannot be read is seen`() async throws {
        let yaml = workflow(
            """
            triggers: [{event: ticket.created}]
            steps:
              - {id: pause, sleep: {for: 1h}}
            """)
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            let waiting = try await runtime.run { $0.step("pause")?["status"]?.string == "waiting" }
            let id = WorkflowRunID(waiting["id"]?.string ?? "")
            let detail = try #require(try await runtime.store.run(id))
            // What a later release may write.
            var progress = RunProgress(
                run: detail.run.sequence, after: detail.journal.count, wakes: 0, status: .waiting,
                isReady: true)
            progress.entries = [.init(at: .now(), text: #"{"t":1,"k":"of another release"}"#)]
            let contribution = Contribution.progress(progress, now: .now())
            _ = try await runtime.runtime.ingest.commit(keys: [:], isBounded: false) { _, _ in
                Ingest.Draft((), contributions: [contribution])
            }
            #expect(try await runtime.send("POST", "/api/v1/runs/\(id)/cancel", token: token).status == 202)
            let series = "zentra_sync_failing_workflow_runs"
            while try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)[series] != 1 {
                try Task.checkCancellation()
            }
            // The gauge goes up before the line is written.
            while !log.lines.contains(where: { $0.level == .error }) { try Task.checkCancellation() }
            let line = log.lines.first { $0.level == .error }
            #expect(line?.message == "cannot move a run on; it is tried again")
            #expect(line?.metadata["run"] == id.text)
            let shown = try await runtime.send("GET", "/api/v1/runs/\(id)", token: token)
            #expect(shown.status == 200)
            let problem = try shown.json["problem"]?.string ?? ""
            #expect(problem.contains("its journal cannot be read"))
            #expect(problem.contains("of another release"))
            let page = try await runtime.sendAdmin("GET", "/").text
            #expect(page.contains("1 run of a workflow cannot be moved on"))
        }
    }

    @Test func `an event that is not JSON starts nothing silently`() async throws {
        let yaml = workflow(
            """
            triggers: [{event: ticket.created}]
            steps:
              - {id: mark, set: {done: true}}
            """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            let starts = RunStarts(now: .now()) { "01HYZ8M3PA7QK4V9T2W6XCB5ND" }
            var event = NewEvent(
                type: "ticket.created", ts: "2026-01-01T00:00:00Z", data: Array("{".utf8), source: "test")
            #expect(throws: JSONError.self) {
                try starts.runs(for: &event, runtime.runtime.configuration.current)
            }
        }
    }
}
