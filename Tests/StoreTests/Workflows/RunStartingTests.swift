import Resources
import Testing

@testable import Store

struct RunStartingTests {
    @Test func `a run is durable with its event and ready`() async throws {
        let state = try TemporaryState()
        let id = try await state.open { (store) async throws in
            let event = try await store.start([.sample(store)])
            #expect(event.runCount == 1)
            let run = try #require(event.runs.first)
            #expect(run.status == .running)
            #expect(try await store.ready() == [run.sequence])
            return run.id
        }
        try await state.open { (store) async throws in
            let detail = try #require(try await store.run(id))
            #expect(detail.run.status == .running)
            #expect(detail.run.chainRoot == detail.event.id)
            #expect(detail.revision.canonical == "{}")
            #expect(try await store.ready() == [detail.run.sequence])
        }
    }

    @Test func `a run that begins with its event has done its first step in the same transaction`()
        async throws
    {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let timer = UnixTime.t0 + .seconds(60)
            func start(
                _ verdict: StartVerdict, _ status: RunStatus, isReady: Bool = false,
                begins: [RunProgress.Wait] = []
            ) async throws -> StartedRun {
                var first = RunProgress(
                    run: CommitSequence(0), after: 0, wakes: 0, status: status, isReady: isReady)
                first.entries = [.init(at: .t0, text: "{\"a\":1}"), .init(at: .t0, text: "{\"b\":2}")]
                (first.begins, first.wakeAt) = (begins, status.isFinal ? nil : timer)
                return try #require(
                    try await store.start(
                        .sample(store) { run in
                            run.progress = first
                            run.decide = { _ in verdict }
                        }))
            }
            let sending = try await start(.start(.running), .running, isReady: true)
            let waiting = try await start(.start(.running), .waiting, begins: [.pagerduty("ack")])
            let sleeping = try await start(.start(.running), .waiting)
            let ended = try await start(.start(.running), .succeeded)
            let queued = try await start(.start(.queued), .running, isReady: true)
            #expect(
                [sending, waiting, sleeping, ended, queued].map(\.begun) == [
                    .running, .waiting, .waiting, .succeeded, nil,
                ])
            #expect(try await store.ready() == [sending.sequence])
            let due = try await store.dueRuns(now: timer, limit: 10).due
            #expect(Set(due) == Set([sending, waiting, sleeping].map(\.sequence)))
            for run in [sending, waiting, sleeping, ended] {
                let detail = try #require(try await store.run(run.id))
                #expect(detail.run.status == run.begun)
                #expect(detail.run.startedAt == .t0)
                #expect(detail.run.finishedAt == (run == ended ? .t0 : nil))
                #expect(detail.journal.map(\.text) == ["{\"a\":1}", "{\"b\":2}"])
                if run != ended {
                    let late = RunProgress(
                        run: run.sequence, after: 0, wakes: 0, status: .running, isReady: true)
                    #expect(try await store.write(.progress(late, now: .t0)).obstacle == .run)
                }
            }
            #expect(try await store.status(queued) == .queued)
            #expect(try await store.run(queued.id)?.journal.isEmpty == true)
            #expect(try await store.write(.message(.sample("msg_1"))).woken == [waiting.sequence])
        }
    }

    @Test func `an event that comes again starts nothing and tells how many runs there were`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            try await store.start([.sample(store), .sample(store, .sample("other"))], id: "evt_x")
            let again = try await store.start([.sample(store)], id: "evt_x")
            #expect(again.isDuplicate)
            #expect(again.runs.isEmpty)
            #expect(again.runCount == 2)
            #expect(try await store.runs(RunFilter(), before: nil, limit: 10).items.count == 2)
        }
    }

    @Test func `a start is decided by what its transaction sees, and leaves what the next one sees`()
        async throws
    {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let seen = Collected<StartSituation>()
            func start(_ verdict: StartVerdict, now: UnixTime = .t0) async throws -> StartedRun? {
                try await store.start(
                    .sample(store) { run in
                        run.concurrencyKey = "k"
                        run.dedupe = .init(key: "d", window: .seconds(60))
                        run.isRateLimited = true
                        run.chainRoot = EventID("evt_root")
                        run.chainDepth = 1
                        run.decide = { situation in
                            seen.append(situation)
                            return verdict
                        }
                    }, now: now)
            }
            let later = UnixTime.t0 + .seconds(1)
            let first = try #require(try await start(.start(.running, rate: later)))
            let second = try #require(try await start(.start(.queued), now: later))
            #expect(try await start(.skip) == nil)
            #expect(second.status == .queued)
            var expected = StartSituation()
            #expect(seen.values[0] == expected)
            expected.active = [first.id]
            (expected.lastWithDedupeKey, expected.runsInChain, expected.rate) = (.t0, 1, later)
            #expect(seen.values[1] == expected)
            (expected.queued, expected.lastWithDedupeKey, expected.runsInChain) = (1, later, 2)
            #expect(seen.values[2] == expected)
        }
    }

    /// A start under a limit of runs with its key.
    private func limited(_ store: Store, limit: Int = 1, key: String = "k") async throws -> StartedRun {
        try #require(
            try await store.start(
                .sample(store) { run in
                    (run.concurrencyKey, run.limit) = (key, limit)
                    run.decide = { $0.active.count + $0.queued >= limit ? .start(.queued) : .start(.running) }
                }))
    }

    @Test func `what is queued for its key begins, the oldest first, when one before it ends`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let first = try await limited(store, limit: 2)
            let second = try await limited(store, limit: 2)
            let third = try await limited(store, limit: 2)
            let fourth = try await limited(store, limit: 2)
            let other = try await limited(store, limit: 2, key: "other")
            #expect([second, third, fourth, other].map(\.status) == [.running, .queued, .queued, .running])
            #expect(try await store.move(first, .succeeded).woken == [third.sequence])
            #expect(try await store.status(third) == .running)
            #expect(try await store.status(fourth) == .queued)
            #expect(try await store.move(third, .failed).woken == [fourth.sequence])
        }
    }

    @Test func `a start may end others, and be recorded as one that never begins`() async throws {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let first = try await limited(store)
            let newest = try #require(
                try await store.start(
                    .sample(store) { run in
                        run.concurrencyKey = "k"
                        run.decide = { .start(.queued, cancelling: $0.active) }
                    }))
            #expect(try await store.runWork(first.sequence)?.signals.command == .cancel)
            try await store.move(first, .cancelled)
            #expect(try await store.status(newest) == .running)
            let refused = try #require(
                try await store.start(
                    .sample(store) { $0.decide = { _ in .start(.refused, error: "{}") } }))
            let run = try #require(try await store.run(refused.id)?.run)
            #expect(run.status == .refused)
            #expect(run.error == "{}")
            #expect(run.finishedAt == .t0)
        }
    }

    @Test func `a start that has to wait for its turn begins then, unless its key has no room`() async throws
    {
        let state = try TemporaryState()
        try await state.open { (store) async throws in
            let turn = UnixTime.t0 + .milliseconds(500)
            func start(_ key: String?) async throws -> StartedRun {
                try #require(
                    try await store.start(
                        .sample(store) { run in
                            run.concurrencyKey = key
                            run.decide = { _ in .start(.queued, notBefore: turn) }
                        }))
            }
            let first = try await limited(store)
            let (free, held) = (try await start(nil), try await start("k"))
            #expect(try await store.dueRuns(now: .t0, limit: 10).next == turn)
            #expect(try await store.dueRuns(now: turn, limit: 10).due == [free.sequence, held.sequence])
            #expect(try await store.releaseQueued(free.sequence, now: .t0) == false, "not yet")
            #expect(try await store.releaseQueued(free.sequence, now: turn))
            #expect(try await store.releaseQueued(held.sequence, now: turn) == false)
            #expect(try await store.status(free) == .running)
            #expect(try await store.status(held) == .queued)
            try await store.move(first, .succeeded)
            #expect(try await store.status(held) == .running)
        }
    }
}
