import Resources
import Testing

@testable import Store

struct RunProgressTests {
    private func run(_ store: Store, now: UnixTime = .t0) async throws -> StartedRun {
        try #require(try await store.start(.sample(store, now: now), now: now))
    }

    @Test func `a step is committed once`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            var progress = RunProgress(
                run: run.sequence, after: 0, wakes: 0, status: .running, isReady: true)
            progress.entries = [.init(at: .t0, text: "{\"a\":1}"), .init(at: .t0, text: "{\"b\":2}")]
            #expect(try await store.write(.progress(progress, now: .t0)).obstacle == nil)
            #expect(try await store.write(.progress(progress, now: .t0)).obstacle == .run)
            #expect(try await store.runWork(run.sequence)?.journal == progress.entries)
        }
    }

    @Test func `runs that have not ended, and those that wait for an endpoint, are counted`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let (first, second) = (try await run(store), try await run(store))
            try await store.move(
                first, .waiting,
                begins: [
                    .init(step: "a", source: .inbound(endpoint: "pagerduty"), key: "k"),
                    .init(step: "b", source: .inbound(endpoint: "pagerduty"), key: "l"),
                ])
            #expect(try await store.unfinishedRuns() == ["page": 2])
            #expect(try await store.waitingRuns() == ["pagerduty": 1])
            try await store.move(second, .succeeded, outputs: "{}")
            #expect(try await store.unfinishedRuns() == ["page": 1])
        }
    }

    @Test func `a run that has ended does not move`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            try await store.move(run, .succeeded, outputs: "{}")
            let late = RunProgress(run: run.sequence, after: 0, wakes: 0, status: .running, isReady: true)
            #expect(try await store.write(.progress(late, now: .t0)).obstacle == .run)
            #expect(try await store.runWork(run.sequence) == nil)
            #expect(try await store.ready().isEmpty)
        }
    }

    @Test func `a message wakes the runs that wait for its key, and only those`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let (first, second, third) = (try await run(store), try await run(store), try await run(store))
            for (run, key) in [(first, "k"), (second, "k"), (third, "other")] {
                try await store.move(
                    run, .waiting,
                    begins: [.init(step: "ack", source: .inbound(endpoint: "pagerduty"), key: key)])
            }
            #expect(try await store.ready().isEmpty)
            let woken = try await store.write(.message(.sample("msg_1"))).woken
            #expect(Set(woken) == [first.sequence, second.sequence])
            #expect(try await store.ready() == [first.sequence, second.sequence])
            #expect(try await store.write(.message(.sample("msg_2", endpoint: "github"))).woken.isEmpty)
        }
    }

    @Test func `a message that came before the wait counts, one from before the run does not`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            try await store.write(.message(.sample("msg_early")))
            let run = try await run(store)
            let wait = RunProgress.Wait.pagerduty("ack")
            #expect(try await store.move(run, .waiting, begins: [wait]).woken.isEmpty)
            try await store.move(run, .running, isReady: true, ends: ["ack"])
            try await store.write(.message(.sample("msg_between")))
            #expect(try await store.move(run, .waiting, begins: [wait]).woken == [run.sequence])
            let pending = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            let mail = try await store.mail(for: pending, of: run.sequence, limit: 10)
            #expect(mail.map(\.id) == ["msg_between"])
        }
    }

    @Test func `a message resumes a run once`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            try await store.move(run, .waiting, begins: [.pagerduty("one")])
            try await store.write(.message(.sample("msg_1")))
            try await store.move(
                run, .running, isReady: true, begins: [.pagerduty("two")], ends: ["one"], takes: ["msg_1"])
            let pending = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            #expect(try await store.mail(for: pending, of: run.sequence, limit: 10).isEmpty)
            #expect(try await store.move(run, .running, takes: ["msg_1"]).obstacle == .run)
        }
    }

    @Test func `the message that started a run does not resume it`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let event = FannedOutEvent(
                event: FannedOutEvent.sample().event, deliveries: [],
                runs: [.sample(store) { $0.messageID = "msg_1" }])
            let fact = Fact(
                serial: try await store.serial(), events: [event], contributions: [.message(.sample("msg_1"))]
            )
            guard case .written(let accepted, _) = try await store.commit(fact, now: .t0) else {
                throw StoreError.closed
            }
            let run = try #require(accepted.first?.runs.first)
            try await store.move(run, .waiting, begins: [.pagerduty("ack")])
            let pending = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            #expect(try await store.mail(for: pending, of: run.sequence, limit: 10).isEmpty)
        }
    }

    @Test func `what does not fit is not looked at again`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            try await store.move(run, .waiting, begins: [.pagerduty("ack")])
            try await store.write(.message(.sample("msg_1")))
            let wait = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            let mail = try #require(try await store.mail(for: wait, of: run.sequence, limit: 10).first)
            try await store.move(run, .waiting, seen: ["ack": mail.sequence])
            #expect(try await store.ready().isEmpty)
            try await store.write(.message(.sample("msg_2")))
            let later = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            #expect(try await store.mail(for: later, of: run.sequence, limit: 10).map(\.id) == ["msg_2"])
        }
    }

    @Test func `a wake-up during a step is not lost`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            try await store.move(run, .waiting, begins: [.pagerduty("ack")])
            let work = try #require(try await store.runWork(run.sequence))
            try await store.write(.message(.sample("msg_1")))
            let step = RunProgress(
                run: run.sequence, after: work.journal.count, wakes: work.signals.wakes, status: .waiting,
                isReady: false)
            try await store.write(.progress(step, now: .t0))
            #expect(try await store.ready() == [run.sequence])
        }
    }

    @Test func `a step that changes nothing but the journal leaves what woke the run`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let run = try await run(store)
            let timer = UnixTime.t0 + .seconds(60)
            try await store.move(
                run, .waiting, entries: ["{}"], begins: [.pagerduty("ack")], wakeAt: timer)
            let work = try #require(try await store.runWork(run.sequence))
            var step = RunProgress(
                run: run.sequence, after: work.journal.count, wakes: work.signals.wakes, status: .waiting,
                isReady: false)
            step.entries = [.init(at: .t0, text: "{\"a\":1}")]
            step.isOnlyEntries = true
            #expect(try await store.write(.progress(step, now: .t0)).obstacle == nil)
            #expect(try await store.write(.progress(step, now: .t0)).obstacle == .run)
            #expect(try await store.ready().isEmpty)
            #expect(try await store.dueRuns(now: .t0, limit: 1).next == timer)
            try await store.write(.message(.sample("msg_1")))
            step.after += 1
            #expect(try await store.write(.progress(step, now: .t0)).obstacle == nil)
            #expect(try await store.ready() == [run.sequence])
            let after = try #require(try await store.runWork(run.sequence))
            #expect(after.journal.count == 3)
            #expect(after.signals.waits.map(\.step) == ["ack"])
        }
    }

    @Test func `an event is kept for the runs that began before it, by the record that it is about`()
        async throws
    {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let event = try await store.start([.sample(store)], waitKey: "tkt_1")
            let run = try #require(event.runs.first)
            let wait = RunProgress.Wait(step: "change", source: .event(pattern: "ticket.*"), key: "tkt_1")
            #expect(
                try await store.move(run, .waiting, begins: [wait]).woken.isEmpty, "not by its own event")
            let woken = try await store.start([], id: "evt_2", waitKey: "tkt_1")
            #expect(!woken.isDuplicate)
            #expect(try await store.ready() == [run.sequence])
            let pending = try #require(try await store.runWork(run.sequence)?.signals.waits.first)
            #expect(pending.source == .event(pattern: "ticket.*"))
            let mail = try await store.mail(for: pending, of: run.sequence, limit: 10)
            #expect(mail.map(\.id) == ["evt_2"])
            #expect(mail.first?.type == "ticket.created")
        }
    }

    @Test func `the end of a run wakes the one that waits for it`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let parent = try await run(store)
            try await store.move(parent, .waiting)
            let child = try #require(
                try await store.start(
                    .sample(store, .sample("child")) {
                        $0.parent = .init(run: parent.sequence, step: "call", attempt: 1)
                    }))
            #expect(try await store.childResult(of: parent.sequence, step: "call", attempt: 1) == nil)
            let woken = try await store.move(child, .succeeded, outputs: "{\"x\":1}").woken
            #expect(woken == [parent.sequence])
            let result = try #require(
                try await store.childResult(of: parent.sequence, step: "call", attempt: 1))
            #expect(result == ChildResult(id: child.id, status: .succeeded, error: nil, outputs: "{\"x\":1}"))
        }
    }

    @Test func `timers are found by their time`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let (first, second) = (try await run(store), try await run(store))
            try await store.move(first, .waiting, wakeAt: .t0 + .seconds(20))
            try await store.move(second, .waiting, wakeAt: .t0 + .seconds(10))
            #expect(try await store.dueRuns(now: .t0, limit: 10).next == .t0 + .seconds(10))
            let (due, next) = try await store.dueRuns(now: .t0 + .seconds(10), limit: 10)
            #expect(due == [second.sequence])
            #expect(next == .t0 + .seconds(20))
            try await store.move(second, .succeeded)
            #expect(try await store.dueRuns(now: .t0 + .seconds(60), limit: 10).due == [first.sequence])
        }
    }
}
