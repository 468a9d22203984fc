import HTTPTypes
import JSON
import TestSupport
import Testing

/// Filters, bodies, order keys and headers of subscriptions, from the YAML to the receiver.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionExpressionTests {
    private static let secrets = ["api-token": token, "signing": "s3cret", "erp": "t0ken"]

    /// Runs the body beside a receiver and a runtime with one subscription to it.
    private func run(
        _ fields: String, events: String = "'*'", status: Int = 200, secrets: [String: String] = secrets,
        _ body: @escaping @Sendable (RuntimeHarness, StubReceiver) async throws -> Void
    ) async throws {
        try await StubReceiver.run(answer: { _ in .init(code: status) }) { receiver in
            let yaml = adminToken + Self.subscription(fields, to: receiver, events: events)
            try await RuntimeHarness.run(yaml, secrets: secrets) { try await body($0, receiver) }
        }
    }

    private static func subscription(_ fields: String, to receiver: StubReceiver, events: String) -> String {
        let indented = fields.split(separator: "\n").map { "  \($0)\n" }.joined()
        return RuntimeTests.subscription(to: receiver.url, events: events) + indented
    }

    // MARK: Filter

    @Test func `only events for which the filter is true are delivered`() async throws {
        let filter = "filter: event.data.priority == 'high' && event.type.startsWith('ticket.')"
        try await run(filter, events: "ticket.created, ticket.updated") {
            (runtime, receiver) async throws in
            #expect(try await runtime.count("ticket.created", #"{"id":"1","priority":"low"}"#) == 0)
            #expect(try await runtime.count("ticket.created", #"{"id":"2","priority":"high"}"#) == 1)
            #expect(try await receiver.requests.next().json["data"]?["id"] == "2")
        }
    }

    @Test func `a filter that fails is a failed delivery with the reason, never a silent drop`() async throws
    {
        try await run("filter: event.data.assignee == 'bot'") { runtime, receiver in
            #expect(try await runtime.count("ticket.created", #"{"id":"1"}"#) == 1)
            let failed = try await runtime.deliveries()
            #expect(failed.map { $0["status"] } == ["failed"])
            #expect(failed[0]["attempts"] == 0)
            #expect(failed[0]["lastErrorClass"] == "filter")
            #expect(
                failed[0]["lastError"]
                    == "`filter` failed at `event.data.assignee`: there is no key `assignee`")
            _ = try await runtime.post("ticket.created", #"{"id":"2","assignee":"bot"}"#)
            #expect(try await receiver.requests.next().json["data"]?["id"] == "2")
        }
    }

    @Test func `what could not be made is made by a replay after its filter was mended`() async throws {
        try await run("filter: event.data.assignee == 'bot'") { runtime, receiver in
            _ = try await runtime.post("ticket.created", #"{"id":"1"}"#)
            let id = try #require(try await runtime.deliveries().first?["id"]?.string)
            let path = "/api/v1/deliveries/\(id)"
            let shown = try await runtime.send("GET", path, token: token)
            #expect(try shown.json["attemptLog"]?.array?.map { $0["errorClass"] } == ["filter"])
            #expect(try shown.json["requestBody"]?.isNull == true)
            let again = try await runtime.send("POST", path + "/redeliver", token: token)
            #expect(again.status == 409, "\(again.text)")
            let yaml =
                adminToken + Self.subscription("filter: event.data.id == '1'", to: receiver, events: "'*'")
            try await runtime.apply(yaml, secrets: Self.secrets.keys.sorted())
            let replay = try await runtime.send(
                "POST", "/api/v1/subscriptions/all/replay", token: token,
                json: #"{"since":"2026-01-01T00:00:00Z","includeMissing":true}"#)
            #expect(try replay.json["deliveries"] == 1)
            let received = try await receiver.requests.next()
            #expect(received.header("X-Zentra-Delivery-Id") != id)
        }
    }

    @Test func `a test event has the subscription's body, whatever its filter says`() async throws {
        try await run("filter: 'false'\nbody: {type: \"${event.type}\"}") { runtime, receiver in
            let answer = try await runtime.send(
                "POST", "/api/v1/subscriptions/all/test", token: token, json: #"{"event":"change.created"}"#)
            #expect(answer.status == 202)
            #expect(try await receiver.requests.next().json == ["type": "change.created"])
        }
    }

    @Test func `a filter sees what changed, the id and the time`() async throws {
        let filter = """
            filter: >-
              'priority' in event.changed && event.previous.priority == 'low' && event.id == 'e1' &&
              event.ts.getHours() == 11
            """
        try await run(filter) { runtime, receiver in
            let event = #"""
                {"event":"ticket.updated","id":"e1","ts":"2026-05-05T11:45:07Z","data":{"id":"1"},
                 "changed":["priority"],"previous":{"priority":"low"}}
                """#
            let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: event)
            #expect(try answer.json["deliveries"] == 1)
            #expect(try await receiver.requests.next().json["ts"] == "2026-05-05T11:45:07Z")
        }
    }

    @Test func `a new filter counts from the next event on`() async throws {
        try await run("filter: 'false'") { runtime, receiver in
            #expect(try await runtime.count("ticket.created", "{}") == 0)
            let yaml = adminToken + Self.subscription("filter: 'true'", to: receiver, events: "'*'")
            try await runtime.apply(yaml, secrets: Self.secrets.keys.sorted())
            #expect(try await runtime.count("ticket.created", "{}") == 1)
            _ = try await receiver.requests.next()
        }
    }

    // MARK: Body

    @Test func `a body replaces the payload, is signed, and keeps order and digits`() async throws {
        let body = """
            body:
              z: "${event.data.subject} $${x}"
              a: ["${event.data.estimate}", "${event.data.?assignee}", 7]
              custom: "${event.data.custom}"
              gone: "${omit()}"
              delivery: "${delivery.id}"
              event: "${event.id}"
            """
        try await run(body) { runtime, receiver in
            let data = #"{"subject":"down","estimate":1.50,"custom":{"b":1e2,"a":null}}"#
            let event = try await runtime.post("ticket.created", data)
            let received = try await receiver.requests.next()
            let id = try #require(received.header("X-Zentra-Delivery-Id"))
            #expect(
                String(decoding: received.body, as: UTF8.self)
                    == #"{"z":"down ${x}","a":[1.50,7],"custom":{"b":1e2,"a":null},"delivery":"\#(id)","event":"\#(event.id)"}"#
            )
            #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
            #expect(try await runtime.deliveries().map { $0["id"]?.string } == [id])
        }
    }

    @Test func `a body that fails is a failed delivery with the place and the reason`() async throws {
        try await run("body: {deep: [{text: \"at ${event.data.team}\"}]}") { runtime, receiver in
            #expect(try await runtime.count("ticket.created", "{}") == 1)
            let failed = try await runtime.deliveries()
            #expect(failed.map { $0["lastErrorClass"] } == ["render"])
            #expect(
                failed[0]["lastError"]
                    == "`body.deep[0].text` failed at `event.data.team`: there is no key `team`")
        }
    }

    @Test(arguments: [
        ("body: \"${omit()}\"", "`body` is left out"),
        ("body: {n: \"${1.0 / event.data.zero}\"}", "`body.n` failed: inf cannot be written as JSON"),
    ])
    func `what cannot be sent fails with the class render`(_ body: String, _ reason: String) async throws {
        try await run(body) { runtime, receiver in
            #expect(try await runtime.count("ticket.created", #"{"zero":0.0}"#) == 1)
            let failed = try await runtime.deliveries()
            #expect(failed.map { $0["lastErrorClass"] } == ["render"])
            #expect(failed[0]["lastError"]?.string?.hasPrefix("`body") == true)
            #expect(failed[0]["lastError"]?.string?.hasSuffix(reason.suffix(12)) == true)
        }
    }

    @Test func `every attempt sends the same body`() async throws {
        let fields = """
            body: {id: "${delivery.id}", subject: "${event.data.subject}"}
            retry: {maxAttempts: 2, initialBackoff: 100ms}
            """
        try await run(fields, status: 503) { runtime, receiver in
            _ = try await runtime.post("ticket.created", #"{"subject":"down"}"#)
            let first = try await receiver.requests.next()
            let second = try await receiver.requests.next()
            #expect(first.body == second.body)
            #expect(second.header("X-Zentra-Attempt") == "2")
        }
    }

    // MARK: Headers

    @Test func `headers are rendered with the event, the delivery and secrets`() async throws {
        let fields = """
            headers:
              Authorization: "Bearer ${secrets['erp']}"
              X-Basic: "${base64.encode('user:' + secrets['erp'])}"
              X-Subject: "${event.type}: ${event.data.subject}"
              X-Copy: "${delivery.id}"
              X-Literal: "$${id}"
              X-Gone: "${event.data.?assignee}"
              content-type: application/cloudevents+json
            """
        try await run(fields) { runtime, receiver in
            _ = try await runtime.post("ticket.created", #"{"subject":"down"}"#)
            let received = try await receiver.requests.next()
            #expect(received.header("Authorization") == "Bearer t0ken")
            #expect(received.header("X-Basic") == "dXNlcjp0MGtlbg==")
            #expect(received.header("X-Subject") == "ticket.created: down")
            #expect(received.header("X-Copy") == received.header("X-Zentra-Delivery-Id"))
            #expect(received.header("X-Literal") == "${id}")
            #expect(received.header("X-Gone") == nil)
            #expect(received.header("Content-Type") == "application/cloudevents+json")
            try await runtime.setSecret("erp", "n3w")
            _ = try await runtime.post("ticket.created", #"{"subject":"up"}"#)
            #expect(try await receiver.requests.next().header("Authorization") == "Bearer n3w")
        }
    }

    @Test(arguments: ["\\r\\nX-Evil: 1", "\\n", "\\u0000"])
    func `a header with a line break fails the attempt and smuggles nothing`(_ evil: String) async throws {
        let fields = """
            headers: {X-Subject: "${event.data.subject}"}
            retry: {maxAttempts: 1}
            """
        try await run(fields) { runtime, receiver in
            _ = try await runtime.post("ticket.created", #"{"subject":"canary\#(evil)"}"#)
            let failed = try await runtime.finishedDelivery()
            #expect(failed["status"] == "exhausted")
            #expect(failed["lastErrorClass"] == "render")
            #expect(
                failed["lastError"]?.string?.contains("`X-Subject` holds a control character") == true)
            #expect(failed["lastError"]?.string?.contains("canary") == false)
            _ = try await runtime.post("ticket.created", #"{"subject":"fine"}"#)
            #expect(try await receiver.requests.next().header("X-Subject") == "fine")
        }
    }

    @Test func `what a receiver sends back of secrets does not come into the log of attempts`() async throws {
        var secrets = Self.secrets
        secrets["erp"] = "canary-4711"
        let receiver = try TestSupport.StubReceiver { request, _ in
            let quoted = "\(request["Authorization"] ?? "") \(request["X-Key"] ?? "") \(request.path)"
            return .init(400, headers: ["X-Quoted: \(quoted)"], body: quoted)
        }
        secrets["url"] = receiver.url + "/canary-path?token=canary-query"
        let yaml = """
            ---
            kind: Subscription
            metadata: {name: erp}
            spec:
              targetURLFrom: {secretRef: url}
              events: [ticket.created]
              signing: {secretRef: signing}
              headers:
                Authorization: "Basic ${base64.encode('user:' + secrets['erp'])}"
                X-Key: "${secrets['erp']}"

            """
        try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
            _ = try await runtime.post("ticket.created", "{}")
            let id = try await runtime.finishedDelivery()["id"]?.string ?? ""
            let shown = try await runtime.send("GET", "/api/v1/deliveries/\(id)", token: token).json
            let expected = "Basic base64(user:secret:erp) secret:erp secret:url"
            let attempt = shown["attemptLog"]?.array?.first
            #expect(attempt?["body"]?.string == expected)
            #expect(attempt?["headers"]?.text.contains(expected) == true)
        }
        #expect(receiver.requests.first?["X-Key"] == "canary-4711")
    }

    @Test func `a delivery waits for the secret of a header`() async throws {
        let fields = "headers: {Authorization: \"Bearer ${secrets['erp']}\"}"
        var secrets = Self.secrets
        secrets["erp"] = ""
        try await run(fields, secrets: secrets) { runtime, receiver in
            _ = try await runtime.post("ticket.created", "{}")
            #expect(try await runtime.deliveries().map { $0["status"] } == ["pending"])
            try await runtime.setSecret("erp", "late")
            #expect(try await receiver.requests.next().header("Authorization") == "Bearer late")
        }
    }

    // MARK: Order

    @Test(arguments: [(503, [1, 1, 2, 2]), (400, [1, 2])])
    func `a key's deliveries go one after the other, and a failing one blocks only until it ends`(
        _ status: Int, _ expected: [Int]
    ) async throws {
        let fields = """
            order: perKey
            orderKey: event.data.key
            retry: {maxAttempts: 2, initialBackoff: 100ms}
            """
        try await run(fields, status: status) { runtime, receiver in
            for data in [
                #"{"key":"A","n":1}"#, #"{"key":"A","n":2}"#, #"{"key":7,"n":1}"#, #"{"key":7,"n":2}"#,
            ] {
                #expect(try await runtime.count("ticket.created", data) == 1)
            }
            var arrived: [JSONValue: [Int]] = [:]
            for _ in 0..<2 * expected.count {
                let data = try await receiver.requests.next().json["data"]
                arrived[data?["key"] ?? .null, default: []].append(data?["n"]?.int ?? 0)
            }
            #expect(arrived == ["A": expected, 7: expected])
        }
    }

    @Test(arguments: [("1", #""1""#), ("null", "null")])
    func `keys are compared as text, and null is one as well`(_ first: String, _ second: String) async throws
    {
        let fields = """
            order: perKey
            orderKey: event.data.key
            retry: {maxAttempts: 2, initialBackoff: 100ms}
            """
        try await run(fields, status: 503) { runtime, receiver in
            for data in [#"{"key":\#(first),"n":1}"#, #"{"key":\#(second),"n":2}"#] {
                #expect(try await runtime.count("ticket.created", data) == 1)
            }
            var arrived: [Int?] = []
            for _ in 0..<4 { arrived.append(try await receiver.requests.next().json["data"]?["n"]?.int) }
            #expect(arrived == [1, 1, 2, 2])
        }
    }

    @Test func `a key that fails is a failed delivery and blocks nothing`() async throws {
        try await run("order: perKey\norderKey: event.data.key") { runtime, receiver in
            #expect(try await runtime.count("ticket.created", "{}") == 1)
            #expect(try await runtime.count("ticket.created", #"{"key":[1]}"#) == 1)
            #expect(try await runtime.count("ticket.created", #"{"key":"a"}"#) == 1)
            #expect(try await receiver.requests.next().json["data"]?["key"] == "a")
            let failed = try await runtime.deliveries().filter { $0["status"] == "failed" }
            #expect(
                failed.map { $0["lastError"]?.string } == [
                    "`orderKey` failed: a value of type `list` is no key",
                    "`orderKey` failed at `event.data.key`: there is no key `key`",
                ])
        }
    }
}

extension RuntimeHarness {
    fileprivate func post(_ type: String, _ data: String) async throws -> (id: String, deliveries: Int) {
        let event = #"{"event":"\#(type)","data":\#(data)}"#
        let answer = try await send("POST", "/api/v1/events", token: token, json: event)
        #expect(answer.status == 202, "\(answer.text)")
        return (try answer.json["id"]?.string ?? "", try answer.json["deliveries"]?.int ?? -1)
    }

    /// Posts an event; returns how many deliveries it has.
    fileprivate func count(_ type: String, _ data: String) async throws -> Int {
        try await post(type, data).deliveries
    }

    /// Newest first.
    fileprivate func deliveries() async throws -> [JSONValue] {
        let answer = try await send("GET", "/api/v1/deliveries", token: token)
        return try answer.json["items"]?.array ?? []
    }

    /// The one delivery, once it has come to its end.
    fileprivate func finishedDelivery() async throws -> JSONValue {
        while true {
            let all = try await deliveries()
            if let first = all.first, first["status"] != "pending" { return first }
        }
    }
}
