import GRDB
import Testing

@testable import Reconciler
@testable import Store

struct DriftTests {
    private static let files = ["key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp")]

    /// What nobody should do.
    private func edit(_ state: TestState, _ sql: String) async throws {
        try await state.store.write { try $0.execute(sql: sql) }
    }

    private static let byHand =
        "UPDATE resource SET canonical = replace(canonical, 'com/v1', 'com/evil') WHERE name = 'erp'"

    @Test(arguments: [
        (byHand, "update Subscription/erp"),
        ("DELETE FROM resource WHERE name = 'erp'", "create Subscription/erp"),
        (
            "INSERT INTO resource SELECT 'Subscription', 'more', canonical, digest, 0, '', 0, '', 0, 0, 0 FROM resource WHERE name = 'erp'",
            "delete Subscription/more"
        ),
    ])
    func `whatever is done to the live state is undone and counted`(_ sql: String, _ change: String)
        async throws
    {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            try await edit(state, sql)
            clock.advance(by: .seconds(600))
            let plan = try #require(await sync.runOnce().plan)
            #expect(plan.changes.map { "\($0.action) \($0.id)" } == [change])
            #expect(plan.changes.allSatisfy { $0.isDrift })
            #expect(try await state.store.driftTotal() == 1)
            #expect(try await state.store.revision(2)?.result == .healed)
            let status = try await SyncStatus.read(from: state.store, now: clock.now())
            #expect(status.drifts.map(\.count) == [1])
            #expect(StatusText(status).text.contains("changed outside of git and healed within a day"))
        }
    }

    @Test func `what the runtime owns is no drift`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            try await state.store.replaceSecretStatuses([
                SecretStatus(name: "key", fingerprint: "f", problem: "", changedAt: .t0)
            ])
            try await edit(state, "UPDATE resource SET updated_ms = 1, created_ms = 1, serial = 7, line = 9")
            clock.advance(by: .seconds(600))
            guard case .upToDate = await sync.runOnce() else {
                Issue.record("nothing has drifted")
                return
            }
            #expect(try await state.store.driftTotal() == 0)
        }
    }

    @Test func `an apply from elsewhere is drift, a new commit is not`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            let other = Planner.plan(
                try Sample.desired(["key.yaml": Sample.secret("key")]),
                live: try await .read(from: state.store, now: clock.now()), revision: .sample)
            let applier = Applier(
                store: state.store, holder: .sample(), clock: clock, isAlive: { _ in true }, warn: { _ in })
            _ = try await applier.apply(
                other, context: .init(source: "elsewhere", appliedBy: "me", contentKey: "other"),
                options: SafetyOptions())
            let healed = try #require(await sync.runOnce().plan)
            #expect(healed.changes.map(\.isDrift) == [true])
            var files = Self.files
            files["more.yaml"] = Sample.secret("more")
            source.push(files)
            let applied = try #require(await sync.runOnce().plan)
            #expect(applied.changes.map(\.isDrift) == [false])
            #expect(try await state.store.driftTotal() == 1)
        }
    }

    @Test func `what a saved plan has changed is no drift for who plans next`() async throws {
        try await TestState.with { state async throws in
            let clock = ManualClock()
            _ = await Synchronizer.test(state, TestSource(Self.files), clock).runOnce()
            var files = Self.files
            files["more.yaml"] = Sample.secret("more")
            let plan = Planner.plan(
                try Sample.desired(files), live: try await .read(from: state.store, now: clock.now()),
                revision: .sample)
            let applier = Applier(
                store: state.store, holder: .sample(), clock: clock, isAlive: { _ in true }, warn: { _ in })
            _ = try await applier.apply(
                plan, context: .init(source: "saved", appliedBy: "me"), options: SafetyOptions())
            #expect(try await state.store.syncBasis().contentKey.isEmpty)
            // The repository still says what it said before.
            let next = Synchronizer.test(state, TestSource(Self.files), clock)
            let back = try #require(await next.runOnce().plan)
            #expect(back.changes.map(\.isDrift) == [false])
        }
    }

    @Test func `what keeps drifting is healed more and more rarely`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            var healedAt: [Int] = []
            for minute in stride(from: 10, through: 240, by: 10) {
                clock.advance(by: .seconds(600))
                try await edit(state, Self.byHand)
                if case .applied = await sync.runOnce() { healedAt.append(minute) }
            }
            // Waits of 0, 1, 2, 4, 8, 16, 32, 60, 60 … minutes, seen at every tenth minute.
            #expect(healedAt == [10, 20, 30, 40, 50, 60, 80, 120, 180, 240])
            #expect(try await state.store.driftTotal() == healedAt.count)
            let damped = DriftDamping.damped(
                try await state.store.drifts(now: clock.now()), now: clock.now())
            #expect(damped["Subscription/erp"] == clock.now() + .seconds(3600))
            // Who applies does not wait.
            try await edit(state, Self.byHand)
            let plan = Planner.plan(
                try Sample.desired(Self.files), live: try await .read(from: state.store, now: clock.now()),
                revision: .sample)
            #expect(plan.changes.map(\.id) == ["Subscription/erp"])
        }
    }

    @Test func `a commit does not wait for what keeps drifting`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            for _ in 1...6 {
                clock.advance(by: .seconds(3600))
                try await edit(state, Self.byHand)
                _ = await sync.runOnce()
            }
            clock.advance(by: .seconds(600))
            try await edit(state, Self.byHand)
            var files = Self.files
            files["more.yaml"] = Sample.secret("more")
            source.push(files)
            let other = try #require(await sync.runOnce().plan)
            #expect(other.changes.map(\.id) == ["SecretReference/more"])
            #expect(other.withheld.map(\.id) == ["Subscription/erp"], "it is healed later")
            files["erp.yaml"] = Sample.subscription("erp", url: "https://erp.example.com/v2")
            source.push(files)
            let plan = try #require(await sync.runOnce().plan)
            #expect(plan.changes.map(\.id) == ["Subscription/erp"], "git has changed it")
            #expect(plan.withheld.isEmpty)
        }
    }

    @Test func `a plan says when the sidecar heals what keeps drifting`() throws {
        var change = PlannedChange(.delete, kind: "Subscription", name: "erp", desired: nil, replaced: "x")
        let drifts = [Drift(kind: "Subscription", name: "erp", count: 3, healedAt: .t0)]
        func notes(_ change: PlannedChange, _ now: UnixTime) -> [String] {
            Plan(
                revision: .sample, live: LiveRevision(commit: "", serial: 1), changes: [change], unchanged: 0,
                resultDigest: ""
            ).noting(drifts, now: now).changes[0].notes
        }
        #expect(notes(change, .t0).isEmpty, "a commit takes it away")
        change.isDrift = true
        #expect(notes(change, .t0 + .seconds(200)).isEmpty, "at its next look")
        #expect(
            notes(change, .t0).first?.hasSuffix("heals it next at \(UnixTime.t0 + .seconds(120))") == true)
    }

    @Test func `a clock that was set back makes nothing wait for ever`() {
        let drift = Drift(kind: "Subscription", name: "erp", count: 9, healedAt: .t0 + .seconds(86_400))
        #expect(DriftDamping.damped([drift], now: .t0).isEmpty)
    }
}

extension SyncOutcome {
    fileprivate var plan: Plan? {
        if case .applied(let plan, _) = self { plan } else { nil }
    }
}
