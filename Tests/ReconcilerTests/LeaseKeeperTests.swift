import GRDB
import Logging
import Synchronization
import Testing

@testable import Reconciler
@testable import Store

struct LeaseKeeperTests {
    private static func keeper(
        _ state: TestState, _ clock: ManualClock, warn: @escaping @Sendable (String) -> Void = { _ in }
    ) -> LeaseKeeper {
        LeaseKeeper(
            store: state.store, holder: .sample(), isAlive: { _ in true }, clock: clock, warn: warn)
    }

    @Test func `the lease is renewed while it is used, and given back whatever happens`() async throws {
        try await TestState.with { state async throws in
            let clock = ManualClock()
            let keeper = Self.keeper(state, clock)
            try await keeper.withLease { lease, renewal async throws in
                for round in 1...4 {
                    await clock.hasSlept(round)
                    #expect(try await state.store.lease()?.heartbeat == clock.now())
                    clock.advance(by: Lease.renewalInterval)
                }
                await clock.hasSlept(5)
                #expect(try await state.store.lease()?.acquired == lease.acquired)
                #expect(renewal.failure == nil)
            }
            #expect(try await state.store.lease() == nil)
            await #expect(throws: CancellationError.self) {
                try await keeper.withLease { _, _ in throw CancellationError() }
            }
            #expect(try await state.store.lease() == nil)
        }
    }

    @Test func `a renewal that fails is tried again, and is told with what will follow`() async throws {
        try await TestState.with { state async throws in
            let (clock, warnings) = (ManualClock(), Warnings())
            try await Self.keeper(state, clock, warn: warnings.add).withLease { _, renewal async throws in
                try await state.refuse("UPDATE")
                for round in 1...2 {
                    await clock.hasSlept(round)
                    clock.advance(by: Lease.renewalInterval)
                    await clock.hasSlept(round + 1)
                    #expect(
                        renewal.failure
                            == .init(
                                since: .t0 + .seconds(10), reason: "the state cannot be written: no UPDATE"))
                }
                #expect(try await state.store.lease()?.condition(now: clock.now()) == .overdue)
                try await state.allow()
                clock.advance(by: Lease.renewalInterval)
                await clock.hasSlept(4)
                #expect(renewal.failure == nil)
                #expect(try await state.store.lease()?.condition(now: clock.now()) == .renewed)
            }
            #expect(
                warnings.all == [
                    "cannot renew the lease for applies: the state cannot be written: no UPDATE; it is tried again every 10 s, and from 2026-05-05T11:45:37Z on another apply may take it over, after which this one writes nothing",
                    "the lease for applies is renewed again, after failing since 2026-05-05T11:45:17Z",
                ])
        }
    }

    @Test func `a lease that another apply took over is not renewed any more, and the loss says why`()
        async throws
    {
        try await TestState.with { state async throws in
            let (clock, warnings) = (ManualClock(), Warnings())
            let loss = try await Self.keeper(state, clock, warn: warnings.add).withLease {
                _, renewal async throws in
                try await state.refuse("UPDATE")
                for round in 1...3 {
                    await clock.hasSlept(round)
                    clock.advance(by: Lease.renewalInterval)
                }
                await clock.hasSlept(4)
                try await state.allow()
                _ = try await state.store.takeLease(
                    .sample(process: 7), now: clock.now(), isAlive: { _ in true })
                clock.advance(by: Lease.renewalInterval)
                await warnings.wait(for: 2)
                return LeaseLoss(holder: try await state.store.lease(), failure: renewal.failure)
            }
            #expect(
                warnings.all.last
                    == "the lease for applies is lost, and this apply will write nothing: another apply is under way: run on here (process 7), since 2026-05-05T11:45:37Z, last heartbeat 2026-05-05T11:45:37Z"
            )
            #expect(loss.failure?.since == .t0 + .seconds(10))
            #expect(loss.description.hasPrefix("the lease could not be renewed since 2026-05-05T11:45:17Z ("))
            #expect(
                loss.description.hasSuffix(
                    "is now held by run on here (process 7), since 2026-05-05T11:45:37Z, last heartbeat 2026-05-05T11:45:37Z; nothing was written"
                ))
            #expect(try await state.store.lease()?.holder == .sample(process: 7))
        }
    }

    @Test func `a lease that cannot be given back does not change the result, and is told`() async throws {
        try await TestState.with { state async throws in
            let warnings = Warnings()
            let keeper = Self.keeper(state, ManualClock(), warn: warnings.add)
            try await state.refuse("DELETE")
            #expect(try await keeper.withLease { _, _ in 42 } == 42)
            await #expect(throws: CancellationError.self) {
                try await keeper.withLease { _, _ in throw CancellationError() }
            }
            #expect(warnings.all.count == 2)
            #expect(
                warnings.all.first
                    == "cannot give back the lease for applies: the state cannot be written: no DELETE; others have it when this process has ended, or 30 s after its last heartbeat"
            )
        }
    }

    @Test func `an apply that lost its lease says so, and so does the round of the sidecar`() async throws {
        try await TestState.with { state async throws in
            let clock = ManualClock()
            try await state.giveAwayTheLease()
            let plan = Planner.plan(
                try Sample.desired(["key.yaml": Sample.secret("key")]), live: .missing, revision: .sample)
            let applier = Applier(
                store: state.store, holder: .sample(), clock: clock, isAlive: { _ in true }, warn: { _ in })
            let outcome = try await applier.apply(
                plan, context: .init(source: "file:///config main .", appliedBy: "test"),
                options: SafetyOptions())
            guard case .leaseLost(let loss) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(loss.holder?.holder == .sample(process: 7))
            #expect(loss.hint == "wait until that apply has ended, and try again")
            #expect(try await state.store.serial() == 0)

            clock.advance(by: Lease.duration)
            let sync = Synchronizer(
                .init(rules: "1.0", safety: SafetyOptions(), appliedBy: "run"),
                source: TestSource(["key.yaml": Sample.secret("key")]).source, store: state.store,
                holder: .sample(), clock: clock, isAlive: { _ in true },
                logger: .init(label: "test") { _ in Silent() })
            guard case .failed(let failure) = await sync.runOnce() else {
                Issue.record("the round did not fail")
                return
            }
            #expect(failure.reason == .lease)
            #expect(
                failure.message
                    == "the lease was not renewed in time and is now held by run on here (process 7), since 2026-05-05T11:45:37Z, last heartbeat 2026-05-05T11:45:37Z; nothing was written"
            )
            #expect(try await state.store.syncRecord().message == failure.message)
        }
    }

    @Test(arguments: [
        (15, Lease.Condition.renewed), (16, .overdue), (29, .overdue), (30, .expired), (-5, .renewed),
    ])
    func `what becomes of a lease that is not renewed is seen from outside`(
        _ seconds: Int, _ condition: Lease.Condition
    ) {
        let lease = Lease(
            holder: .sample(), acquired: .t0, heartbeat: .t0, expires: .t0 + Lease.duration)
        let now = UnixTime.t0 + .seconds(seconds)
        #expect(lease.condition(now: now) == condition)
        let text = lease.description(now: now)
        #expect(text.contains("not renewed since 2026-05-05T11:45:17Z") == (condition == .overdue))
        #expect(
            text.contains("expired at 2026-05-05T11:45:37Z: the next apply takes it over")
                == (condition == .expired))
    }
}

/// What was told, in order.
private final class Warnings: Sendable {
    private struct State {
        var all: [String] = []
        var watcher: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state = Mutex(State())

    var all: [String] { state.withLock(\.all) }

    @Sendable func add(_ warning: String) {
        let watcher = state.withLock { state in
            state.all.append(warning)
            guard let watcher = state.watcher, state.all.count >= watcher.count else {
                return nil as CheckedContinuation<Void, Never>?
            }
            state.watcher = nil
            return watcher.continuation
        }
        watcher?.resume()
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                guard state.all.count < count else { return true }
                state.watcher = (count, continuation)
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

extension TestState {
    /// From now on the state refuses to change leases that way.
    fileprivate func refuse(_ change: String) async throws {
        try await store.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER refusal BEFORE \(change) ON lease
                    BEGIN SELECT RAISE(ABORT, 'no \(change)'); END
                    """)
        }
    }

    fileprivate func allow() async throws {
        try await store.write { try $0.execute(sql: "DROP TRIGGER refusal") }
    }

    /// Whoever takes the lease has lost it to process 7 at once, as if it had been silent for long.
    fileprivate func giveAwayTheLease() async throws {
        try await store.write { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER thief AFTER INSERT ON lease WHEN NEW.process <> 7
                    BEGIN UPDATE lease SET process = 7; END;
                    CREATE TRIGGER renewing_thief AFTER UPDATE ON lease WHEN NEW.process <> 7
                    BEGIN UPDATE lease SET process = 7; END;
                    """)
        }
    }
}
