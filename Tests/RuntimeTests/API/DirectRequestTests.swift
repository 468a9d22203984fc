import NIOCore
import NIOPosix
import OutboundHTTP
import Store
import TestSupport
import Testing

@testable import Runtime

/// Events are answered on the event loop where they can be; nobody may see a difference.
@Suite(.timeLimit(.minutes(5))) struct DirectRequestTests {
    private let secrets = ["api-token": token]

    private func request(
        _ body: String, token: String = token, fields: [String] = [], path: String = "/api/v1/events"
    ) -> String {
        let lines =
            [
                "POST \(path) HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer \(token)",
                "Content-Type: application/json",
            ]
            + (fields.contains { $0.hasPrefix("Transfer-Encoding") }
                ? [] : ["Content-Length: \(body.utf8.count)"])
            + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private func event(_ id: String) -> String {
        #"{"event":"ticket.created","id":"\#(id)","data":{"id":"tkt_1"}}"#
    }

    private let last = "Connection: close"

    /// The statuses of all answers on one connection, in their order.
    private func statuses(_ bytes: String, _ runtime: RuntimeHarness) async throws -> [String] {
        let answer = try await HTTPExchange.exchange(Array(bytes.utf8), port: runtime.port)
        let all = answer.head + "\r\n\r\n" + answer.text
        return all.matches(of: /HTTP\/1\.1 (\d+)/).map { String($0.1) }
    }

    private func accepted(_ runtime: RuntimeHarness) async throws -> [String] {
        let page = try await runtime.store.events(.init(), before: nil, limit: 100)
        return page.items.map(\.id.text).reversed()
    }

    @Test func `requests of one connection are answered in their order, whichever way they go`() async throws
    {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let list = "GET /api/v1/event-types HTTP/1.1\r\nHost: x\r\n\r\n"
            let keyed = request(event("c"), fields: ["Idempotency-Key: k"])
            let bytes =
                request(event("a")) + list + request(event("b")) + keyed + request("nonsense")
                + request(event("d"), token: "wrong") + list + request(event("e"), fields: [last])
            let (statuses, accepted) = (try await statuses(bytes, runtime), try await accepted(runtime))
            #expect(statuses == ["202", "200", "202", "202", "400", "401", "200", "202"])
            #expect(accepted == ["a", "b", "c", "e"])
        }
    }

    /// What is known of a head says nothing of another one, nor of what has become of its token.
    @Test func `each request of a kept connection is let in by its own token, as it is then`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let client = OutboundClient(
                group: MultiThreadedEventLoopGroup.singleton.next(),
                policy: AddressPolicy(allowedNetworks: ["127.0.0.0/8"], allowsPlainHTTP: true),
                tls: try TLSProfile())
            let target = try OutboundTarget("http://127.0.0.1:\(runtime.port)/api/v1/events")
            func post(_ id: String, _ token: String) async throws -> OutboundResponse {
                let headers = try RequestHeaders([
                    ("Content-Type", "application/json"), ("Authorization", "Bearer \(token)"),
                ])
                let request = RequestTemplate(target: target, headers: headers).request(
                    body: Array(event(id).utf8))
                guard case .response(let response) = try await client.execute(request) else {
                    throw OutboundError(.url, "no answer")
                }
                return response
            }
            var answers: [OutboundResponse] = []
            let wrong = String(token.reversed())
            for (id, token) in [("a", token), ("b", token), ("c", wrong), ("long-id", token), ("d", wrong)] {
                answers.append(try await post(id, token))
            }
            try await runtime.setSecret("api-token", wrong)
            answers.append(try await post("e", token))
            answers.append(try await post("f", wrong))
            #expect(answers.map(\.status) == [202, 202, 401, 202, 401, 401, 202])
            #expect(answers.map(\.isConnectionReused) == [false] + Array(repeating: true, count: 6))
            #expect(try await accepted(runtime) == ["a", "b", "long-id", "f"])
            await client.shutdown(grace: .zero)
        }
    }

    @Test(arguments: [
        ("chunked", ["Transfer-Encoding: chunked"]), ("keyed", ["Idempotency-Key: k"]), ("plain", []),
    ])
    func `gives the same answer on both ways`(_ name: String, _ fields: [String]) async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let isChunked = name == "chunked"
            let text = event("a")
            let body = isChunked ? "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n0\r\n\r\n" : text
            let bytes = request(body, fields: fields + [last])
            let answer = try await HTTPExchange.exchange(Array(bytes.utf8), port: runtime.port)
            #expect(answer.status == 202)
            #expect(answer.text == #"{"id":"a","deliveries":0,"runs":0}"#)
            let head = answer.head.lowercased()
            #expect(head.contains("content-type: application/json"))
            #expect(head.contains("x-request-id: req_"))
            #expect(head.contains("content-length: \(answer.body.count)"))
        }
    }

    @Test(arguments: [
        ("chunked", ["Transfer-Encoding: chunked"]), ("keyed", ["Idempotency-Key: k"]), ("plain", []),
    ])
    func `a body in a coding is refused on both ways`(_ name: String, _ fields: [String]) async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let text = event("a")
            let body =
                name == "chunked" ? "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n0\r\n\r\n" : text
            func send(_ coding: String, token: String = token) async throws -> HTTPExchange.Answer {
                let bytes = request(
                    body, token: token, fields: fields + ["Content-Encoding: \(coding)", last])
                return try await HTTPExchange.exchange(Array(bytes.utf8), port: runtime.port)
            }
            for coding in ["gzip", "identity, br", "x"] {
                let answer = try await send(coding)
                #expect(answer.status == 415, "\(coding): \(answer.text)")
                #expect(answer.head.lowercased().contains("\r\naccept-encoding: identity"), "\(answer.head)")
            }
            #expect(try await send("gzip", token: "wrong").status == 401)
            #expect(try await accepted(runtime).isEmpty)
            #expect(try await send("Identity").status == 202)
        }
    }

    @Test(arguments: [
        ("POST", "/api/v1/tickets"), ("PATCH", "/api/v1/tickets/none"),
        ("POST", "/api/v1/tickets/none/comments"),
        ("POST", "/api/v1/subscriptions/none/replay"), ("POST", "/api/v1/subscriptions/none/test"),
        ("POST", "/api/v1/secret-references/rotation"), ("POST", "/api/v1/workflows/none/runs"),
        // These have no body, or need none.
        ("POST", "/api/v1/deliveries/none/redeliver"), ("POST", "/api/v1/runs/none/cancel"),
        ("POST", "/api/v1/runs/none/retry"), ("POST", "/api/v1/runs/none/resume"),
    ])
    func `no route reads a body in a coding`(_ method: String, _ path: String) async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let answer = try await runtime.send(
                method, path, token: token, headers: ["Content-Encoding": "gzip"], json: "{}")
            #expect(answer.status == 415)
        }
    }

    @Test func `a body beyond the bound is refused`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.maxBody = 64
        try await RuntimeHarness.run(adminToken, secrets: secrets, setup: setup) { runtime in
            let body = event(String(repeating: "x", count: 100))
            let statuses = try await statuses(request(body, fields: [last]), runtime)
            #expect(statuses == ["413"])
        }
    }

    @Test func `more pending deliveries than allowed are turned away, and what causes none is not`()
        async throws
    {
        var setup = RuntimeHarness.Setup()
        setup.maxPending = 2
        let secrets = ["api-token": token, "signing": "s3cret"]
        let yaml =
            adminToken
            + subscription(to: "http://127.0.0.1:9/hook", events: "ticket.created").replacing(
                "  signing:", with: "  suspend: true\n  signing:")
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { runtime in
            let bytes =
                request(event("a")) + request(event("b")) + request(event("c"))
                + request(event("d"), fields: ["Idempotency-Key: k"])
                + request(#"{"event":"change.created","data":{"id":"c"}}"#, fields: [last])
            let statuses = try await statuses(bytes, runtime)
            #expect(statuses == ["202", "202", "503", "503", "202"])
            let metrics = try PrometheusText(try await runtime.sendAdmin("GET", "/metrics").text)
            #expect(metrics["zentra_sync_refused_writes_total{reason=\"full\"}"] == 2)
            #expect(metrics["zentra_sync_pending_deliveries{subscription=\"all\"}"] == 2)
        }
    }

    @Test func `requests that wait for each other's answers are answered, whatever comes between`()
        async throws
    {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let list = "GET /api/v1/event-types HTTP/1.1\r\nHost: x\r\n\r\n"
            let pieces = [
                request(event("a")), request(event("b")), request("nonsense"),
                request(event("c"), token: "wrong"),
                request(event("d"), fields: ["Idempotency-Key: k"]), request(event("e")), list,
                request(event("f")) + request(event("g")), request(event("h")),
            ]
            let answers = try await Conversation.hold(pieces, port: runtime.port)
            #expect(
                answers.map(\.status) == [
                    "202", "202", "400", "401", "202", "202", "200", "202", "202", "202",
                ])
            #expect(answers[0].body == #"{"id":"a","deliveries":0,"runs":0}"#)
            #expect(try await accepted(runtime) == ["a", "b", "d", "e", "f", "g", "h"])
        }
    }

    @Test(arguments: ["", "Idempotency-Key: k"])
    func `a client that has nothing more to say gets its answer`(_ field: String) async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let fields = field.isEmpty ? [] : [field]
            let answers = try await Conversation.hold(
                [request(event("a"), fields: fields)], port: runtime.port, closesEarly: true)
            #expect(answers.map(\.status) == ["202"])
            #expect(try await accepted(runtime) == ["a"])
        }
    }
}
