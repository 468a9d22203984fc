import Foundation
import JSON
import TestSupport
import Testing

@Suite("The example for Alertmanager over HTTP", .timeLimit(.minutes(5)))
struct AlertmanagerExampleTests {
    /// An alert of a notification.
    private struct Alert {
        var status = "firing"
        var instance: String
        var severity: String
        var summary: String
        var start = "2026-05-05T11:45:07.101Z"
        var fingerprint: String

        var json: String {
            #"{"status":"\#(status)","labels":{"alertname":"DiskFull","instance":"\#(instance)","#
                + #""severity":"\#(severity)"},"annotations":{"summary":"\#(summary)","#
                + #""description":"3 % left"},"startsAt":"\#(start)","endsAt":"0001-01-01T00:00:00Z","#
                + #""generatorURL":"http://prometheus:9090/graph?g0.expr=x","fingerprint":"\#(fingerprint)"}"#
        }

        var key: String { "alertmanager:\(fingerprint):\(start)" }
    }

    private func notification(_ alerts: Alert...) -> String {
        let status = alerts.contains { $0.status == "firing" } ? "firing" : "resolved"
        return
            #"{"receiver":"zentra","status":"\#(status)","alerts":[\#(alerts.map(\.json).joined(separator: ","))],"#
            + #""groupLabels":{"alertname":"DiskFull"},"commonLabels":{"alertname":"DiskFull"},"#
            + #""commonAnnotations":{},"externalURL":"http://alertmanager:9093","version":"4","#
            + #""groupKey":"{}:{alertname=\"DiskFull\"}","truncatedAlerts":0}"#
    }

    private func headers(_ password: String = ExampleWorld.secrets["ALERTMANAGER_PASSWORD"] ?? "")
        -> [String: String]
    {
        let pair = Data("alertmanager:\(password)".utf8).base64EncodedString()
        return ["Authorization": "Basic \(pair)", "User-Agent": "Alertmanager/0.27.0"]
    }

    private func notify(_ desk: ExampleDesk, _ body: String) async throws {
        let answer = try await desk.webhook("alertmanager", body, headers: headers())
        #expect(answer.status == 202, "\(answer.text)")
        #expect(try answer.json["runs"]?.int == 1)
    }

    @Test func `alerts open, update and resolve one ticket each, and a critical one pages`() async throws {
        let world = try await ExampleWorld()
        let desk = try await world.start()
        var disk = Alert(
            instance: "db1", severity: "critical", summary: "Disk of db1 is full",
            fingerprint: "c6a1ea9c2d0eb0d5")
        let other = Alert(
            instance: "db2", severity: "warning", summary: "Disk of db2 fills",
            fingerprint: "5ef77f1f8a3ecf8d")
        let refused = try await desk.webhook("alertmanager", notification(disk), headers: headers("guess"))
        #expect(refused.status == 401)

        try await notify(desk, notification(disk, other))
        try await desk.ended("alerts-to-tickets")
        let first = try await desk.ticket(externalKey: disk.key)
        #expect(first["subject"]?.string == "Disk of db1 is full")
        #expect(
            first["description"]?.string == "3 % left\n\nhttp://prometheus:9090/graph?g0.expr=x")
        #expect(first["priority"]?.string == "critical")
        #expect(first["category"]?.string == "Monitoring")
        #expect(try await desk.ticket(externalKey: other.key)["priority"]?.string == "high")
        let page = try await world.pagerDuty.requests(1)[0]
        #expect(try page.json["dedup_key"]?.string == "zentra-\(first["id"]?.string ?? "")")

        // Repeated every few hours: no other ticket, no event.
        try await notify(desk, notification(disk, other))
        try await desk.ended("alerts-to-tickets", 2)
        #expect(
            try await desk.events().filter { $0.hasPrefix("ticket.") } == [
                "ticket.created", "ticket.created",
            ])

        disk.summary = "Disk of db1 is full for an hour"
        try await notify(desk, notification(disk, other))
        try await desk.ended("alerts-to-tickets", 3)
        #expect(try await desk.ticket(externalKey: disk.key)["subject"]?.string == disk.summary)

        disk.status = "resolved"
        try await notify(desk, notification(disk, other))
        try await desk.ended("alerts-to-tickets", 4)
        #expect(try await desk.ticket(externalKey: disk.key)["status"]?.string == "resolved")
        #expect(try await desk.ticket(externalKey: other.key)["status"]?.string == "new")
        let resolve = try await world.pagerDuty.requests(2)[1]
        #expect(try resolve.json["event_action"]?.string == "resolve")
        #expect(try resolve.json["dedup_key"] == page.json["dedup_key"])

        // The same alert, later: an episode of its own.
        (disk.status, disk.start) = ("firing", "2026-05-06T03:00:00Z")
        try await notify(desk, notification(disk))
        try await desk.ended("alerts-to-tickets", 5)
        #expect(try await desk.ticket(externalKey: disk.key)["status"]?.string == "new")
        #expect(try await desk.items("/api/v1/tickets").count == 3)
        #expect(await desk.sidecar.stop() == 0)
    }

    @Test func `notifications that come at once make no ticket twice`() async throws {
        let world = try await ExampleWorld()
        let desk = try await world.start()
        let alert = Alert(
            instance: "db1", severity: "warning", summary: "Disk of db1 fills",
            fingerprint: "c6a1ea9c2d0eb0d5"
        )
        let body = notification(alert)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { try await notify(desk, body) } }
            try await group.waitForAll()
        }
        let runs = try await desk.ended("alerts-to-tickets", 16)
        #expect(runs.allSatisfy { $0["status"]?.string == "succeeded" })
        #expect(try await desk.items("/api/v1/tickets").count == 1)
        #expect(try await desk.events().filter { $0.hasPrefix("ticket.") } == ["ticket.created"])
        #expect(await desk.sidecar.stop() == 0)
    }
}
