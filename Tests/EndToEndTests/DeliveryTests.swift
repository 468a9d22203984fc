import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("From an accepted event to a receiver", .timeLimit(.minutes(5)))
struct DeliveryTests {
    @Test func `a receiver that is down for a moment gets the same request again`() async throws {
        let receiver = try StubReceiver { _, earlier in earlier < 2 ? .init(503, body: "not now") : .init() }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        let event = try await world.send(
            Resources.event(data: #"{"id":"tkt_1","z":1.50,"a":"ü"}"#), to: port)

        let requests = try await receiver.requests(3)
        #expect(Set(requests.map(\.deliveryID)).count == 1)
        #expect(Set(requests.map(\.body)).count == 1)
        #expect(Set(requests.map { $0["X-Zentra-Signature"] }).count == 1)
        #expect(requests.map { $0["X-Zentra-Attempt"] } == ["1", "2", "3"])
        #expect(requests[0]["X-Zentra-Event"] == "ticket.created")
        #expect(requests[0]["Content-Type"] == "application/json")
        #expect(requests[0].line == "POST /hooks HTTP/1.1")
        #expect(
            requests[0].text.hasSuffix(#","data":{"id":"tkt_1","z":1.50,"a":"ü"}}"#), "as it was accepted")

        let delivery = try await world.delivery(requests[0].deliveryID) {
            $0["status"]?.string == "delivered"
        }
        let attempts = delivery["attemptLog"]?.array ?? []
        #expect(delivery["event"]?.string == event)
        #expect(attempts.map { $0["statusCode"]?.int } == [503, 503, 200])
        #expect(attempts.map { $0["outcome"]?.string } == ["retry", "retry", "delivered"])
        #expect(attempts.first?["body"]?.string == "not now")
        #expect(attempts.allSatisfy { ($0["timing"]?["total"]?.int ?? 0) > 0 })
        let text = try await world.run("deliveries", "show", requests[0].deliveryID).output
        #expect(text.contains("attempt 1") && text.contains("HTTP 503") && text.contains("timing   "))
        let list = try await world.run("deliveries", "list", "--status", "delivered").output
        #expect(list.contains(requests[0].deliveryID))

        // One line for each attempt, without asking for more than the default.
        try await sidecar.log.line(with: "\"message\":\"delivery attempt\"", "\"attempt\":\"3\"")
        let lines = try sidecar.log.all.filter { $0.contains("\"message\":\"delivery attempt\"") }.map {
            try JSONValue(parsing: $0)
        }
        #expect(lines.map { $0["level"]?.string } == ["warning", "warning", "info"])
        #expect(lines.map { $0["outcome"]?.string } == ["retry", "retry", "delivered"])
        #expect(lines.map { $0["status"]?.string } == ["503", "503", "200"])
        #expect(lines.map { $0["class"]?.string } == ["status", "status", nil])
        #expect(lines.map { $0["next"] != nil } == [true, true, false])
        for line in lines {
            #expect(line["delivery"]?.string == requests[0].deliveryID)
            #expect(line["subscription"]?.string == "erp")
            #expect(line["event"]?.string == "ticket.created")
            #expect((line["total_us"]?.string).flatMap { Int($0) } ?? 0 > 0)
        }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `what an event brings into an error does not move the cursor of a terminal`() async throws {
        let world = try await Workspace([
            "base.yaml": Resources.secret("erp-signing", "env: ERP_SECRET")
                + Resources.secret("desk-token", "env: DESK_TOKEN")
                + Resources.token("desk", "desk-token", "events:write"),
            "erp.yaml": Resources.subscription(
                to: "http://127.0.0.1:9/", more: "filter: event.data.custom[event.data.subject] == 1"),
        ])
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(
            Resources.event(data: #"{"custom":{},"subject":"a\u001b[31m\nb"}"#), to: port)
        let list = try JSONValue(
            parsing: try await world.run("deliveries", "list", "--format", "json").output)
        let id = try #require(list["items"]?.array?.first?["id"]?.string)
        let text = try await world.run("deliveries", "show", id).output
        #expect(text.contains(#"there is no key 'a\u{1b}[31m\nb'"#), "\(text)")
        #expect(!text.contains("\u{1b}"))
        #expect(await sidecar.stop() == 0)
    }

    @Test(arguments: [400, 404, 410])
    func `an answer that blames the request is not retried`(status: Int) async throws {
        let receiver = try StubReceiver { request, _ in
            .init(request.text.contains("ticket.created") ? status : 200, body: "no such hook")
        }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        let requests = try await receiver.requests(1)
        let delivery = try await world.delivery(requests[0].deliveryID) { $0["status"]?.string != "pending" }
        #expect(delivery["status"]?.string == "failed")
        #expect(delivery["lastStatusCode"]?.int == status)
        #expect(delivery["attemptLog"]?.array?.first?["body"]?.string == "no such hook")
        #expect(delivery["requestBody"]?.string == requests[0].text)
        #expect(receiver.requests.count == 1)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `what was refused is sent again by hand, alone and with all of its time`() async throws {
        let receiver = try StubReceiver { request, _ in .init(request.number <= 2 ? 404 : 200) }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        for id in ["a", "b"] { try await world.send(Resources.event(id: id), to: port) }
        let ids = try await receiver.requests(2).map(\.deliveryID)
        for id in ids { _ = try await world.delivery(id) { $0["status"]?.string == "failed" } }

        let one = try await world.run("deliveries", "redeliver", ids[0])
        #expect(one.output == "pending: \(ids[0])\n", "\(one)")
        #expect(try await receiver.requests(3)[2].deliveryID == ids[0])
        _ = try await world.delivery(ids[0]) { $0["status"]?.string == "delivered" }

        let rest = try await world.run(
            "deliveries", "replay", "--subscription", "erp", "--since", "1h", "--status", "failed")
        #expect(rest.output == "1 delivery will be sent again\n", "\(rest)")
        let again = try await receiver.requests(4)[3]
        #expect(again.deliveryID == ids[1])
        #expect(again["X-Zentra-Attempt"] == "2")
        _ = try await world.delivery(ids[1]) { $0["status"]?.string == "delivered" }

        let copy = try await world.run("deliveries", "redeliver", ids[0], "--new-id")
        let new = try await receiver.requests(5)[4].deliveryID
        #expect(copy.output == "pending: \(new)\n", "\(copy)")
        #expect(!ids.contains(new))
        _ = try await world.delivery(new) { $0["status"]?.string == "delivered" }

        for (since, count) in [("1h", 3), ("2999-01-01T00:00:00Z", 0)] {
            let list = try await world.run(
                "deliveries", "list", "--subscription", "erp", "--since", since, "--format", "json")
            #expect(try JSONValue(parsing: list.output)["items"]?.array?.count == count, "\(list)")
        }
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a redirect is not followed but retried`() async throws {
        let elsewhere = try StubReceiver()
        let receiver = try StubReceiver { _, earlier in
            earlier == 0 ? .init(301, headers: ["Location: \(elsewhere.url)"]) : .init()
        }
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        let requests = try await receiver.requests(2)
        #expect(requests[0].deliveryID == requests[1].deliveryID)
        #expect(elsewhere.requests.isEmpty)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a receiver that nobody has started is tried until its attempts are used up`() async throws {
        let port = try LoopbackListener.freePort()
        let retry = "{maxAttempts: 3, initialBackoff: 100ms, multiplier: 1, jitter: 0, maxBackoff: 100ms}"
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "erp.yaml": Resources.subscription(to: "http://127.0.0.1:\(port)/", retry: retry),
        ])
        let (sidecar, api) = try await world.readySidecar()
        try await world.send(to: api)
        let line = try await sidecar.log.line(with: "\"outcome\":\"exhausted\"")
        let id = try #require(try JSONValue(parsing: line)["delivery"]?.string)
        let delivery = try await world.delivery(id) { $0["status"]?.string == "exhausted" }
        #expect(delivery["attempts"]?.int == 3)
        #expect(delivery["lastErrorClass"]?.string == "connect")
        #expect(delivery["lastError"]?.string == "connection refused")
        #expect(await sidecar.stop() == 0)
    }

    @Test(arguments: [
        ["Retry-After: 1800"], ["Retry-After: soon", "Retry-After: 1800", "Retry-After: 20"],
    ])
    func `what a receiver asks for with Retry-After is the earliest next attempt`(_ headers: [String])
        async throws
    {
        let receiver = try StubReceiver { _, _ in .init(503, headers: headers) }
        let world = try await Workspace(
            receiver, retry: "{initialBackoff: 100ms, multiplier: 1, jitter: 0, maxBackoff: 1h}")
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        let request = try await receiver.requests(1)[0]
        let delivery = try await world.delivery(request.deliveryID) { $0["attempts"]?.int == 1 }
        let started = try #require(delivery["attemptLog"]?.array?.first?["startedAt"]?.string)
        let next = try #require(delivery["nextAttemptAt"]?.string)
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        #expect(try format.parse(next).timeIntervalSince(format.parse(started)) >= 1800)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a receiver on this machine needs to be allowed`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar(network: ["--allow-http"])
        try await world.send(to: port)
        let line = try await sidecar.log.line(with: "\"class\":\"blocked\"", "\"attempt\":\"2\"")
        let logged = try JSONValue(parsing: line)
        #expect(logged["outcome"]?.string == "retry")
        #expect(logged["error"]?.string == "`127.0.0.1` is a loopback address")
        let id = try #require(logged["delivery"]?.string)
        let shown = try await world.run("deliveries", "show", id).output
        #expect(
            shown.contains("hint     receivers that are not public need `run --allow-network"), "\(shown)")
        #expect(receiver.requests.isEmpty)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `plain HTTP needs to be allowed`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar(network: ["--allow-network", "127.0.0.0/8"])
        try await world.send(to: port)
        let line = try await sidecar.log.line(with: "\"class\":\"blocked\"", "\"attempt\":\"2\"")
        let logged = try JSONValue(parsing: line)
        #expect(logged["error"]?.string == "plain `http:` is not allowed")
        let id = try #require(logged["delivery"]?.string)
        #expect(try await world.run("deliveries", "show", id).output.contains("`--allow-http`"))
        #expect(receiver.requests.isEmpty)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a delivery that waits for its subscription says where the reason is`() async throws {
        let world = try await Workspace([
            "base.yaml": Resources.base,
            "erp.yaml": Resources.subscription(to: "http://127.0.0.1:9/", more: "suspend: true"),
        ])
        let (sidecar, port) = try await world.readySidecar()
        try await world.send(to: port)
        let list = try await world.run("deliveries", "list", "--format", "json")
        let id = try #require(try JSONValue(parsing: list.output)["items"]?.array?.first?["id"]?.string)
        let shown = try await world.run("deliveries", "show", id).output
        #expect(shown.contains("next attempt  when it is its turn; `zentra-sync status`"), "\(shown)")
        #expect(try await world.run("status").output.contains("deliveries wait"))
        try await world.repository.git("rm", "--quiet", "erp.yaml")
        try await world.repository.git("commit", "--quiet", "--message", "Stop")
        sidecar.signal(SIGHUP)
        _ = try await world.delivery(id) { $0["status"]?.string == "cancelled" }
        let cancelled = try await world.run("deliveries", "show", id).output
        #expect(cancelled.contains("reason        its subscription was deleted"), "\(cancelled)")
        #expect(await sidecar.stop() == 0)
    }

    @Test func `an event handed in by hand arrives as well`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, _) = try await world.readySidecar()
        let sent = try await world.run(
            "events", "send", "change.approved", "--data", "-", input: #"{"id":"chg_1"}"#)
        #expect(sent.status == 0, "\(sent)")
        #expect(try JSONValue(parsing: sent.output)["deliveries"]?.int == 1)
        #expect(try await receiver.requests(1)[0]["X-Zentra-Event"] == "change.approved")
        #expect(try await world.run("events", "list").output.contains("change.approved"))
        #expect(await sidecar.stop() == 0)

        let late = try await world.run("events", "send", "change.approved", "--data", "-", input: "{}")
        #expect(late.status == 1)
        #expect(late.errors.hasPrefix("error: no sidecar runs the state ./zentra-sync.db\nhint: "), "\(late)")
    }
}
