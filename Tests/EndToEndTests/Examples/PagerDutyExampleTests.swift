import JSON
import TestSupport
import Testing

@Suite("The example for PagerDuty over HTTP", .timeLimit(.minutes(5)))
struct PagerDutyExampleTests {
    /// A webhook of PagerDuty, V3.
    private func incident(_ type: String, id: String = "01BRB6ZP4M6T8ZG4X6BP63ZB9O", _ ticket: String)
        -> String
    {
        #"{"event":{"id":"\#(id)","event_type":"incident.\#(type)","resource_type":"incident","#
            + #""occurred_at":"2026-05-05T11:46:07.302Z","agent":{"id":"PLH1HKV","type":"user_reference","#
            + #""summary":"Tenex Engineer"},"data":{"id":"PGR0VU2","type":"incident","status":"\#(type)","#
            + #""incident_key":"zentra-\#(ticket)"}}}"#
    }

    private func signed(_ body: String) -> [String: String] {
        ["X-PagerDuty-Signature": "v1=" + Signature.hex(body, "PAGERDUTY_WEBHOOK_SECRET")]
    }

    private let critical = #"{"subject":"db down","priority":"critical","status":"open"}"#

    @Test func `who acknowledges gets the ticket, and the end of the ticket is the end of the incident`()
        async throws
    {
        let world = try await ExampleWorld()
        let desk = try await world.start()
        let ticket = try await desk.createTicket(critical)
        let (id, key) = (ticket["id"]?.string ?? "", ticket["key"]?.string ?? "")

        let page = try await world.pagerDuty.requests(1)[0]
        #expect(page.line == "POST /v2/enqueue HTTP/1.1")
        #expect(page["Content-Type"] == "application/json")
        #expect(page["User-Agent"]?.hasPrefix("zentra-sync/") == true)
        #expect(page["Idempotency-Key"]?.isEmpty == false)
        #expect(
            try page.json == [
                "routing_key": "routing-key-74", "event_action": "trigger",
                "dedup_key": .string("zentra-\(id)"),
                "client": "Zentra",
                "payload": [
                    "summary": .string("[\(key)] db down"), "source": "zentra", "severity": "critical",
                    "custom_details": ["ticket": .string(key), "type": "incident"],
                ],
            ])

        let acknowledged = incident("acknowledged", id)
        let forged = try await desk.webhook(
            "pagerduty", acknowledged, headers: signed(acknowledged.replacing("Tenex", with: "Other")))
        #expect(forged.status == 401)
        let answer = try await desk.webhook("pagerduty", acknowledged, headers: signed(acknowledged))
        #expect(answer.status == 202, "\(answer.text)")
        let again = try await desk.webhook("pagerduty", acknowledged, headers: signed(acknowledged))
        #expect(again.status == 200)
        #expect(again.body == answer.body)
        try await desk.ended("page-on-critical-ticket")
        let assigned = try await desk.ticket(id)
        #expect(assigned["status"]?.string == "in_progress")
        #expect(assigned["assignee"]?.string == "Tenex Engineer")

        try await desk.change(id, #"{"status":"resolved"}"#)
        let resolve = try await world.pagerDuty.requests(2)[1]
        #expect(resolve.line == "POST /v2/enqueue HTTP/1.1")
        #expect(
            try resolve.json == [
                "routing_key": "routing-key-74", "event_action": "resolve",
                "dedup_key": .string("zentra-\(id)"),
            ])
        #expect(resolve["Idempotency-Key"] != page["Idempotency-Key"])
        #expect(try await desk.ended("resolve-page")[0]["status"]?.string == "succeeded")
        #expect(world.pagerDuty.requests.count == 2)

        // The subscriptions of the same repository heard of it, signed.
        let delivery = try await world.receiver.requests {
            $0.contains { $0.path == "/hooks/zentra" && $0["X-Zentra-Event"] == "ticket.created" }
        }.first { $0.path == "/hooks/zentra" }
        #expect(
            delivery?["X-Zentra-Signature"] == Signature.hex(delivery?.text ?? "", "ERP_SIGNING_SECRET"))
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `an acknowledgement that comes before PagerDuty's answer counts`() async throws {
        let gate = Gate()
        let world = try await ExampleWorld(pagerDuty: { request in
            gate.wait()
            return ExampleWorld.accepted(request)
        })
        let desk = try await world.start()
        let id = try await desk.createTicket(critical)["id"]?.string ?? ""
        try await world.pagerDuty.requests(1)
        let resolved = incident("resolved", id)
        #expect(try await desk.webhook("pagerduty", resolved, headers: signed(resolved)).status == 202)
        gate.open()
        let run = try await desk.ended("page-on-critical-ticket")[0]
        #expect(run["status"]?.string == "succeeded")
        #expect(try await desk.step("ack", of: run)["outputs"]?["which"]?.string == "resolved")
        #expect(try await desk.ticket(id)["status"]?.string == "resolved")
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `a page is repeated under one key, and without a reaction it escalates`() async throws {
        let world = try await ExampleWorld(
            pagerDuty: { request in
                switch request.number {
                case 1: .init(503)
                case 2: .init(429, headers: ["Retry-After: 1"])
                default: ExampleWorld.accepted(request)
                }
            },
            changes: ["initialBackoff: 5s": "initialBackoff: 100ms", "timeout: 15m": "timeout: 200ms"])
        let desk = try await world.start()
        let ticket = try await desk.createTicket(critical)
        let (id, key) = (ticket["id"]?.string ?? "", ticket["key"]?.string ?? "")
        let run = try await desk.ended("page-on-critical-ticket")[0]
        #expect(run["status"]?.string == "succeeded")
        let requests = world.pagerDuty.requests
        #expect(requests.count == 4)
        let attempts = requests.prefix(3)
        #expect(Set(attempts.map { $0["Idempotency-Key"] }).count == 1)
        #expect(Set(attempts.map(\.body)).count == 1)
        #expect(
            try requests[3].json == [
                "routing_key": "escalation-key-75", "event_action": "trigger",
                "dedup_key": .string("zentra-\(id)-escalation"), "client": "Zentra",
                "payload": [
                    "summary": .string("Nobody has acknowledged \(key) for 15 minutes"), "source": "zentra",
                    "severity": "critical",
                ],
            ])
        #expect(requests[3]["Idempotency-Key"] != requests[0]["Idempotency-Key"])
        #expect(try await desk.step("page", of: run)["attempts"]?.int == 3)
        #expect(try await desk.step("ack", of: run)["outputs"]?["timedOut"] == true)
        let escalated = try await desk.ticket(id)
        #expect(escalated["category"]?.string == "Escalated")
        #expect(escalated["status"]?.string == "open")

        let late = incident("acknowledged", id)
        #expect(try await desk.webhook("pagerduty", late, headers: signed(late)).status == 202)
        #expect(try await desk.ticket(id)["status"]?.string == "open")
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `a page that PagerDuty refuses is told by the ticket`() async throws {
        let world = try await ExampleWorld(pagerDuty: { _ in .init(400, body: #"{"status":"invalid event"}"#)
        })
        let desk = try await world.start()
        let id = try await desk.createTicket(critical)["id"]?.string ?? ""
        let run = try await desk.ended("page-on-critical-ticket")[0]
        #expect(run["status"]?.string == "failed")
        #expect(run["error"]?["step"]?.string == "page")
        #expect(world.pagerDuty.requests.count == 1)
        #expect(try await desk.ticket(id)["category"]?.string == "Paging failed")
        #expect(await desk.sidecar.stop() == 0)
    }
}
