import JSON
import Logging
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct GenericEndpointTests {
    private let secrets = ["api-token": token, "hook": "hook-secret"]
    private let configuration =
        adminToken + """
            ---
            kind: InboundEndpoint
            metadata: {name: alerts}
            spec:
              verify: {sharedSecret: {header: X-Webhook-Secret, secretRef: hook}}
              maxBody: 16KiB
              messageId: event.headers['x-id']
              correlation: {key: event.data.incident.id}

            """

    private func post(
        _ runtime: RuntimeHarness, _ body: String, id: String? = nil, type: String = "application/json"
    ) async throws -> TestAnswer {
        var headers = ["X-Webhook-Secret": "hook-secret", "Content-Type": type, "Cookie": "c=1"]
        headers["X-Id"] = id
        return try await runtime.send(
            "POST", "/api/webhooks/alerts?token=t&source=a", headers: headers, body: Array(body.utf8))
    }

    @Test func `a message becomes an event without its credentials`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let answer = try await post(runtime, #"{"incident":{"id":"I-1"},"n":1.50}"#)
            #expect(answer.status == 202)
            #expect(try answer.json["runs"] == 0)
            let event = try await runtime.all("/api/v1/events")[0]
            #expect(event["id"] == (try answer.json["event"]))
            #expect(event["event"] == "inbound.alerts")
            #expect(event["data"]?.text == #"{"incident":{"id":"I-1"},"n":1.50}"#)
            let stored = try await runtime.store.events(.init(), before: nil, limit: 1).items[0]
            #expect(stored.query == #"{"source":"a"}"#)
            let headers = stored.headers ?? ""
            #expect(!headers.contains("hook-secret") && !headers.contains("cookie"))
            let messages = try await runtime.store.inboundMessages(endpoint: "alerts", key: "I-1")
            #expect(messages.map(\.data) == [#"{"incident":{"id":"I-1"},"n":1.50}"#])
        }
    }

    @Test func `a repeated message is answered the same and not processed again`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let first = try await post(runtime, "{}", id: "a")
            let second = try await post(runtime, "{}", id: "a")
            #expect(first.status == 202)
            #expect(second.status == 200)
            #expect(first.body == second.body)
            #expect(try await runtime.all("/api/v1/events").count == 1)
        }
    }

    @Test func `a message without a correlation key is in the log, without its body`() async throws {
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        let answers = try await RuntimeHarness.run(configuration, secrets: secrets, setup: setup) {
            (runtime) async throws in
            _ = try await post(runtime, #"{"incident":{"id":"I-1"}}"#, id: "a")
            let answers = [
                try await post(runtime, #"{"incident":{"id":null},"word":"hush"}"#, id: "b"),
                try await post(runtime, #"{"incident":"hush"}"#, id: "c"),
            ]
            // A repetition was told of when it came first.
            #expect(try await post(runtime, #"{"incident":"hush"}"#, id: "c").status == 200)
            let metrics = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
            let name = "zentra_sync_inbound_messages_total"
            #expect(metrics["\(name){endpoint=\"alerts\",result=\"accepted\"}"] == 3)
            #expect(metrics["\(name){endpoint=\"alerts\",result=\"no_correlation_key\"}"] == 2)
            return answers
        }
        let lines = log.lines.filter { $0.message == "message without a correlation key" }
        #expect(answers.map(\.status) == [202, 202])
        #expect(lines.map(\.level) == [.notice, .notice])
        let expected = try answers.map { answer in
            [
                "endpoint": "alerts", "message": try answer.json["id"]?.string ?? "",
                "event": try answer.json["event"]?.string ?? "",
            ]
        }
        #expect(lines.map(\.metadata) == expected)
    }

    @Test func `a repeated message is known after a restart`() async throws {
        let folder = try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            _ = try await post(runtime, "{}", id: "a")
            return runtime.folder
        }
        var setup = RuntimeHarness.Setup()
        setup.folder = folder
        try await RuntimeHarness.run(nil, setup: setup) { (runtime) async throws in
            #expect(try await post(runtime, "{}", id: "a").status == 200)
        }
    }

    @Test(arguments: [
        ("{", "application/json", 400), (String(repeating: "[", count: 10_000), "application/json", 400),
        ("{}", "image/png", 415), ("{}", "application/json; charset=latin1", 415),
        (String(repeating: "x", count: 20_000), "text/plain", 413),
        ("a=b&a=c", "application/x-www-form-urlencoded", 202),
        ("text", "text/plain; charset=nonsense", 202),
    ])
    func `a wrong body gets its answer`(_ body: String, _ type: String, _ status: Int) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            #expect(try await post(runtime, body, type: type).status == status)
            #expect(try await runtime.all("/api/v1/events").count == (status == 202 ? 1 : 0))
        }
    }

    @Test func `subscriptions to everything do not get what arrives`() async throws {
        let everything = subscription(to: "http://127.0.0.1:1/hook")
        let secrets = secrets.merging(["signing": "s"]) { $1 }
        try await RuntimeHarness.run(configuration + everything, secrets: secrets) { (runtime) async throws in
            _ = try await post(runtime, "{}")
            #expect(try await runtime.all("/api/v1/deliveries").isEmpty)
        }
    }

    @Test func `Slack's handshake is answered with its challenge`() async throws {
        let endpoint = """
            ---
            kind: InboundEndpoint
            metadata: {name: slack}
            spec: {verify: {preset: {name: slack, secretRef: hook}}}

            """
        var setup = RuntimeHarness.Setup()
        setup.clock = FixedClock(seconds: 1_531_420_618)
        try await RuntimeHarness.run(endpoint, secrets: ["hook": "k"], setup: setup) {
            (runtime) async throws in
            let body = #"{"type":"url_verification","challenge":"abc"}"#
            let signature = hmac(Array("v0:1531420618:\(body)".utf8), key: "k")
            let answer = try await runtime.send(
                "POST", "/api/webhooks/slack",
                headers: ["X-Slack-Request-Timestamp": "1531420618", "X-Slack-Signature": "v0=\(signature)"],
                json: body)
            #expect(answer.status == 200)
            #expect(answer.text == "abc")
        }
    }
}
