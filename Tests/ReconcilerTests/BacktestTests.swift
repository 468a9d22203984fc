import JSON
import Store
import Testing

@testable import Reconciler

struct BacktestTests {
    /// A thousand tickets, every tenth critical, and some without a priority.
    private static let events: [PastEvent] = {
        (0..<1000).map { number in
            let priority = number % 10 == 0 ? "critical" : "low"
            let data = number % 100 == 1 ? "{}" : "{\"priority\":\"\(priority)\"}"
            let event = Event(
                sequence: CommitSequence(Int64(number + 1)), id: EventID("evt_\(number)"),
                type: number % 2 == 0 ? "ticket.created" : "ticket.updated", ts: "2026-05-05T11:45:07Z",
                data: Array(data.utf8), changed: "[\"status\"]", previous: nil, source: "test",
                acceptedAt: .t0)
            do { return try PastEvent(event) } catch { preconditionFailure("\(error)") }
        }
    }()

    private func notes(
        from before: String?, to after: String, events: [PastEvent] = events
    ) throws -> [[String]] {
        let key = ["key.yaml": Sample.secret("key")]
        let old = key.merging(before.map { ["erp.yaml": $0] } ?? [:]) { $1 }
        let live = try LiveState.applied(old)
        let plan = Planner.plan(
            try Sample.desired(key.merging(["erp.yaml": after]) { $1 }), live: live, revision: .sample)
        let noted = Backtest.noting(plan, live: live.configuration.resources, events: events)
        #expect(noted.digest == plan.digest && noted.isEmpty == plan.isEmpty)
        return noted.changes.map(\.notes)
    }

    private static func subscription(_ filter: String?, events: String = "[\"ticket.*\"]") -> String {
        Sample.subscription("erp", events: events, more: filter.map { "filter: \($0)" } ?? "")
    }

    @Test func `a changed filter is tried on the stored events`() throws {
        let notes = try notes(
            from: Self.subscription("event.data.?priority.orValue('') == 'critical'"),
            to: Self.subscription("event.data.?priority.orValue('') == 'low'"))
        #expect(notes == [["would have delivered 890 of the last 1,000 events, was 100"]])
    }

    @Test func `changed event types count, and what a new subscription takes`() throws {
        let narrower = try notes(
            from: Self.subscription(nil), to: Self.subscription(nil, events: "[ticket.created]"))
        #expect(narrower == [["would have delivered 500 of the last 1,000 events, was 1,000"]])
        let new = try notes(from: nil, to: Self.subscription(nil))
        #expect(new == [["would have delivered 1,000 of the last 1,000 events"]])
    }

    @Test func `a filter that fails on stored events says so`() throws {
        let notes = try notes(
            from: Self.subscription(nil), to: Self.subscription("event.data.priority == 'critical'"))
        #expect(
            notes == [
                [
                    "would have delivered 100 of the last 1,000 events, was 1,000; its condition fails on 10"
                ]
            ])
    }

    @Test func `other changes are not tried, and nothing is said without events`() throws {
        let unchanged = try notes(
            from: Self.subscription("true"),
            to: Sample.subscription(
                "erp", url: "https://other.example.com/", events: "[\"ticket.*\"]", more: "filter: 'true'"))
        #expect(unchanged == [[]])
        #expect(try notes(from: nil, to: Self.subscription(nil), events: []) == [[]])
        #expect(!Backtest.isNeeded(try .sample(from: [:], to: ["key.yaml": Sample.secret("key")])))
    }
}
