import HTTPTypes
import JSON
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct WorkflowTests {
    private let secrets = ["api-token": token, "page-key": "canary-4711"]

    private func workflow(_ spec: String) -> String { workflow("page", spec) }

    private func workflow(_ name: String, _ spec: String) -> String {
        "---\nkind: Workflow\nmetadata: {name: \(name)}\nspec:\n"
            + spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
    }

    private let event =
        #"{"event":"ticket.created","data":{"id":"tkt_1","key":"INC-1","priority":"critical"}}"#

    @Test func `an event starts a run, whose request, record and event are all there in the end`()
        async throws
    {
        try await StubReceiver.run { (receiver) async throws in
            let yaml =
                adminToken
                + workflow(
                    """
                    triggers: [{event: ticket.created, if: event.data.priority == 'critical'}]
                    steps:
                      - id: page
                        http:
                          url: \(receiver.url)
                          auth: {bearer: "${secrets['page-key']}"}
                          body: {text: "${event.data.key}"}
                        outputs: {status: "${response.status}"}
                      - id: make
                        create: {record: problem, set: {subject: "about ${event.data.key}"}}
                      - id: tell
                        emit: {type: custom.done, data: {id: "${steps.make.outputs.id}"}}
                    """)
            try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
                let accepted = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
                #expect(try accepted.json["runs"]?.int == 1)
                let request = try await receiver.requests.next()
                #expect(request.header("Authorization") == "Bearer canary-4711")
                #expect(request.header("Idempotency-Key") != nil)
                #expect(try request.json["text"] == "INC-1")
                let run = try await runtime.run(until: "succeeded")
                #expect(
                    run["steps"]?.array?.map { $0["status"]?.string } == [
                        "succeeded", "succeeded", "succeeded",
                    ])
                #expect(run["steps"]?.array?.first?["outputs"]?["status"]?.int == 200)
                #expect(!run.text.contains("canary-4711"))
                #expect(run.text.contains("secret:page-key"))
                let problems = try await runtime.send("GET", "/api/v1/problems", token: token).json
                #expect(problems["items"]?.array?.compactMap { $0["subject"]?.string } == ["about INC-1"])
                let events = try await runtime.send("GET", "/api/v1/events", token: token).json
                #expect(
                    events["items"]?.array?.compactMap { $0["event"]?.string }
                        == ["custom.done", "problem.created", "ticket.created"])
            }
        }
    }

    @Test func `an early message counts, a run is resumed once, and a callback is taken once`() async throws {
        let endpoint = """
            ---
            kind: InboundEndpoint
            metadata: {name: pager}
            spec:
              type: generic
              verify: {sharedSecret: {header: X-Secret, secretRef: page-key}}
              correlation: {key: event.data.key}

            """
        var setup = RuntimeHarness.Setup()
        setup.publicURL = "https://sync.example.com"
        try await StubReceiver.run { [setup] (receiver) async throws in
            let yaml =
                adminToken + endpoint
                + workflow(
                    """
                    triggers: [{event: ticket.created}]
                    steps:
                      - id: page
                        http: {url: "\(receiver.url)", body: {url: "${callbacks.back.url}"}}
                      - id: ack
                        waitFor: {inbound: pager, key: event.data.key, match: message.data.state == 'acknowledged', timeout: 1h}
                      - id: back
                        waitFor: {callback: {}, timeout: 1h}
                    """)
            try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
                func page(_ state: String) async throws {
                    let answer = try await runtime.send(
                        "POST", "/api/webhooks/pager", headers: ["X-Secret": "canary-4711"],
                        json: #"{"key":"INC-1","state":"\#(state)"}"#)
                    #expect(answer.status == 202)
                }
                _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
                try await page("triggered")
                try await page("acknowledged")
                let url = try #require(try await receiver.requests.next().json["url"]?.string)
                let path = url.replacing("https://sync.example.com", with: "")
                let waiting = try await runtime.run { $0.step("back")?["status"]?.string == "waiting" }
                #expect(
                    waiting.step("ack")?["outputs"]?["message"]?["data"]?["state"] == "acknowledged")
                #expect(try await runtime.send("POST", path + "0", json: "{}").status == 404)
                #expect(try await runtime.send("POST", path, json: #"{"ok":true}"#).status == 202)
                #expect(try await runtime.send("POST", path, json: #"{"ok":false}"#).status == 200)
                let run = try await runtime.run(until: "succeeded")
                #expect(run.step("back")?["outputs"]?["message"]?["data"]?["ok"] == true)
                #expect(try await runtime.send("POST", path, json: "{}").status == 200, "its run has ended")
            }
        }
    }

    @Test func `a run goes on in the next process, under the revision that it began with`() async throws {
        let spec = """
            triggers: [{event: ticket.created}]
            steps:
              - {id: pause, sleep: {for: 300ms}}
              - {id: mark, set: {value: first}}
            """
        var setup = RuntimeHarness.Setup()
        let folder = try await RuntimeHarness.run(
            adminToken + workflow(spec), secrets: secrets
        ) { (runtime) async throws in
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            try await runtime.run { $0.step("pause")?["status"]?.string == "waiting" }
            return runtime.folder
        }
        setup.folder = folder
        try await RuntimeHarness.run(adminToken, secrets: secrets, setup: setup) { (runtime) async throws in
            let run = try await runtime.run(until: "succeeded")
            #expect(run.step("mark")?["outputs"]?["value"] == "first")
            let names = try await runtime.send("GET", "/api/v1/workflows", token: token).json
            #expect(names["items"]?.array?.isEmpty == true, "the workflow is gone, its run has finished")
        }
    }

    @Test func `a failed run is done again from its failed step`() async throws {
        try await StubReceiver.run(answer: { $0 <= 2 ? .init(code: $0 == 1 ? 200 : 422) : .ok }) {
            (receiver) async throws in
            let yaml =
                adminToken
                + workflow(
                    """
                    triggers: [{manual: {inputs: {ticket: {type: string}}}}]
                    steps:
                      - {id: one, http: {url: "\(receiver.url)"}}
                      - {id: two, http: {url: "\(receiver.url)", body: "${event.data.ticket}"}}
                    """)
            try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
                let start = "/api/v1/workflows/page/runs"
                #expect(try await runtime.send("POST", start, token: token, json: "{}").status == 422)
                let keyed = ["Idempotency-Key": "k1"]
                let body = #"{"inputs":{"ticket":"tkt_9"}}"#
                let started = try await runtime.send("POST", start, token: token, headers: keyed, json: body)
                #expect(started.status == 201)
                let again = try await runtime.send("POST", start, token: token, headers: keyed, json: body)
                #expect(again.body == started.body)
                let failed = try await runtime.run(until: "failed")
                let id = try #require(failed["id"]?.string)
                #expect(failed["error"]?["step"] == "two")
                let retry = try await runtime.send("POST", "/api/v1/runs/\(id)/retry", token: token)
                #expect(retry.status == 201)
                let run = try await runtime.run(until: "succeeded")
                #expect(run["retryOf"]?.string == id)
                let keys = try await [
                    receiver.requests.next(), receiver.requests.next(), receiver.requests.next(),
                ]
                .map { $0.header("Idempotency-Key") }
                #expect(Set(keys).count == 3, "the first step is not repeated, the second has a new key")
                let conflict = try await runtime.send("POST", "/api/v1/runs/\(id)/resume", token: token)
                #expect(conflict.status == 409)
            }
        }
    }

    @Test func `a waiting run is cancelled, and called workflows give their outputs`() async throws {
        let yaml =
            adminToken
            + workflow(
                "parent",
                """
                triggers: [{event: ticket.created}]
                steps:
                  - {id: child, call: {workflow: child, with: {name: "${event.data.key}"}}}
                  - {id: wait, sleep: {for: 1h}}
                """)
            + workflow(
                "child",
                """
                triggers: [{manual: {inputs: {name: {type: string}}}}]
                steps:
                  - {id: greet, set: {text: "hello ${event.data.name}"}}
                """)
        try await RuntimeHarness.run(yaml, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            let run = try await runtime.run(of: "parent") { $0.step("wait")?["status"]?.string == "waiting" }
            #expect(run.step("child")?["outputs"]?["text"] == "hello INC-1")
            let id = run["id"]?.string ?? ""
            #expect(try await runtime.send("POST", "/api/v1/runs/\(id)/cancel", token: token).status == 202)
            try await runtime.run(of: "parent") { $0["status"]?.string == "cancelled" }
            #expect(try await runtime.send("POST", "/api/v1/runs/\(id)/cancel", token: token).status == 409)
        }
    }
}

extension RuntimeHarness {
    /// The newest run, once it has a status.
    @discardableResult
    func run(until status: String) async throws -> JSONValue {
        try await run { $0["status"]?.string == status }
    }

    /// The newest run, once it is as the test wants it; the suite's time limit bounds the wait.
    @discardableResult
    func run(of workflow: String? = nil, until condition: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            try Task.checkCancellation()
            let filter = RunFilter(workflow: workflow)
            if let id = try await store.runs(filter, before: nil, limit: 1).items.first?.id {
                let run = try await send("GET", "/api/v1/runs/\(id)", token: token).json
                if condition(run) { return run }
            }
            await Task.yield()
        }
    }
}

extension JSONValue {
    func step(_ name: String) -> JSONValue? {
        self["steps"]?.array?.first { $0["step"]?.string == name }
    }
}
