import JSON
import Store
import Synchronization
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
        from before: String?, to after: String, events: [PastEvent] = events,
        budget: BacktestBudget = BacktestBudget()
    ) throws -> [[String]] {
        let key = ["key.yaml": Sample.secret("key")]
        let old = key.merging(before.map { ["erp.yaml": $0] } ?? [:]) { $1 }
        let live = try LiveState.applied(old)
        let plan = Planner.plan(
            try Sample.desired(key.merging(["erp.yaml": after]) { $1 }), live: live, revision: .sample)
        let noted = Backtest.noting(plan, live: live.configuration.resources, events: events, budget: budget)
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

    @Test func `work is bounded over all evaluations, and what was not tried is told`() throws {
        // Seventy thousand units for each event.
        let costly = Self.subscription("lists.range(100).all(a, lists.range(100).all(b, a + b >= 0))")
        let budget = BacktestBudget(work: 2_000_000, time: .seconds(600))
        let cut = try notes(from: Self.subscription(nil), to: costly, budget: budget)
        let text = try #require(cut.first?.first)
        let count = try #require(
            try text.firstMatch(of: Regex("last (\\d+) events", as: (Substring, Substring).self))?.1)
        let tried = try #require(Int(count))
        #expect((10...50).contains(tried))
        #expect(
            text
                == "would have delivered \(tried) of the last \(tried) events, was \(tried); not tried on the \(1000 - tried) before: that costs too much work"
        )
        let none = try notes(from: nil, to: costly, budget: BacktestBudget(work: 1000))
        #expect(none == [["not tried on stored events: that costs too much work"]])
        // One that reaches its own limit has failed, whatever is left for others.
        let failing = Self.subscription(
            "lists.range(100).all(a, lists.range(100).all(b, lists.range(100).all(c, c >= 0)))")
        let few = Array(Self.events.prefix(3))
        #expect(
            try notes(from: nil, to: failing, events: few, budget: BacktestBudget(time: .seconds(600))) == [
                ["would have delivered 0 of the last 3 events; its condition fails on 3"]
            ])
    }

    @Test func `time is bounded over all evaluations, and what was not tried is told`() throws {
        // Each look at the clock moves it on by a millisecond.
        let ticks = Mutex(ContinuousClock.now)
        let budget = BacktestBudget(time: .milliseconds(101)) {
            ticks.withLock { now in
                now += .milliseconds(1)
                return now
            }
        }
        let cut = try notes(from: Self.subscription(nil), to: Self.subscription("true"), budget: budget)
        #expect(
            cut == [
                [
                    "would have delivered 100 of the last 100 events, was 100; not tried on the 900 before: that takes too long"
                ]
            ])
        let none = try notes(from: nil, to: Self.subscription("true"), budget: BacktestBudget(time: .zero))
        #expect(none == [["not tried on stored events: that takes too long"]])
    }

    @Test func `a change that costs much leaves enough for those after it`() throws {
        let costly = Sample.subscription(
            "a-costly", events: "[\"ticket.*\"]",
            more: "filter: lists.range(100).all(a, lists.range(100).all(b, a + b >= 0))")
        let plan = Planner.plan(
            try Sample.desired([
                "key.yaml": Sample.secret("key"), "costly.yaml": costly,
                "erp.yaml": Self.subscription("event.data.?priority.orValue('') == 'low'"),
            ]), live: .missing, revision: .sample)
        let noted = Backtest.noting(
            plan, live: [], events: Self.events, budget: BacktestBudget(work: 4_000_000, time: .seconds(600)))
        let notes = Dictionary(uniqueKeysWithValues: noted.changes.map { ($0.name, $0.notes) })
        #expect(notes["a-costly"]?.first?.contains("not tried on the ") == true)
        #expect(notes["erp"] == ["would have delivered 890 of the last 1,000 events"])
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
