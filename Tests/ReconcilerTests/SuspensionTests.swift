import GRDB
import Logging
import Testing

@testable import Reconciler
@testable import Store

struct SuspensionTests {
    private static let files = [
        "key.yaml": Sample.secret("key"), "other.yaml": Sample.secret("other"),
        "erp.yaml": Sample.subscription("erp"), "chat.yaml": Sample.subscription("chat"),
    ]

    private static func suspension(
        _ target: Suspension.Target, until: UnixTime? = nil, revision: Int64? = nil
    ) -> Suspension {
        Suspension(
            target, reason: "moving house", createdBy: "mia", since: .t0, until: until, pinnedSerial: revision
        )
    }

    private func plan(_ changes: [String: String?], suspended: [String]) throws -> Plan {
        var files = Self.files
        for (path, text) in changes { files[path] = text }
        return Planner.plan(
            try Sample.desired(files), live: try .applied(Self.files), revision: .sample,
            withholding: Withholding(suspended.map { Self.suspension(.resource($0)) }))
    }

    @Test func `a suspended resource stays as it is live and is marked`() throws {
        let plan = try plan(
            [
                "erp.yaml": Sample.subscription("erp", url: "https://erp.example.com/v2"),
                "chat.yaml": Sample.subscription("chat", url: "https://chat.example.com/v2"),
            ], suspended: ["Subscription/erp"])
        #expect(plan.changes.map(\.id) == ["Subscription/chat"])
        #expect(plan.withheld.map(\.id) == ["Subscription/erp"])
        #expect(
            plan.withheld.first?.notes.first
                == "suspended by mia since 2026-05-05T11:45:07Z: moving house")
        #expect(plan.unchanged == 2)
        let text = PlanText(PlanReport(plan: plan, refusals: [])).text
        #expect(text.contains("  ! Subscription/erp "))
        #expect(text.contains("Plan: 1 to update, 2 unchanged, 1 withheld."))
        #expect(
            PlanMarkdown(PlanReport(plan: plan, refusals: [])).text.contains("| `!` | `Subscription/erp` |"))
        let saved = SavedPlan(plan, source: "s")
        #expect(try SavedPlan(reading: Array(saved.text.utf8)).plan == plan)
    }

    @Test func `a suspended resource is neither deleted nor made`() throws {
        let gone = try plan(["erp.yaml": nil], suspended: ["Subscription/erp"])
        #expect(gone.isEmpty && gone.withheld.map(\.action) == [.delete])
        let new = try plan(
            ["new.yaml": Sample.subscription("new")], suspended: ["Subscription/new"])
        #expect(new.isEmpty && new.withheld.map(\.action) == [.create])
    }

    @Test func `the result is what is live then`() throws {
        let live = try LiveState.applied(Self.files)
        let nothing = try plan(
            ["erp.yaml": Sample.subscription("erp", url: "https://x.example.com/")],
            suspended: ["Subscription/erp"])
        let digest = LiveDigest.of(try Sample.desired(Self.files))
        #expect(nothing.resultDigest == digest)
        #expect(live.configuration.resources.count == nothing.unchanged + nothing.withheld.count)
    }

    @Test func `a commit that would break what is suspended is held`() async throws {
        try await TestState.with { state async throws in
            let source = TestSource(Self.files)
            let sync = Synchronizer.test(state, source)
            _ = await sync.runOnce()
            try await state.store.suspend(Self.suspension(.resource("Subscription/erp")))
            // Nothing of the commit needs the secret any more; what is suspended still does.
            source.push(["other.yaml": Sample.secret("other")])
            var relaxed = SafetyOptions()
            relaxed.allowsMassDelete = true
            let held = try #require(await Synchronizer.test(state, source, safety: relaxed).runOnce().held)
            #expect(held.map(\.code) == [.suspended])
            #expect(
                held.first?.message.hasPrefix(
                    "Subscription/erp would be broken: there is no SecretReference `key`")
                    == true, "\(held)")
            #expect(try await state.store.serial() == 1)
            #expect(try await state.store.resume([.resource("Subscription/erp")], now: .t0))
            let outcome = await Synchronizer.test(state, source, safety: relaxed).runOnce()
            guard case .applied(let plan, 2) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(plan.changes.allSatisfy { !$0.isDrift })
        }
    }

    @Test func `a suspended loop holds commits until it is resumed or the time is over`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            try await state.store.suspend(Self.suspension(.all, until: .t0 + .seconds(60)))
            var files = Self.files
            files["erp.yaml"] = Sample.subscription("erp", url: "https://erp.example.com/v2")
            source.push(files)
            let held = try #require(await sync.runOnce().held)
            #expect(held.map(\.code) == [.suspended])
            #expect(try await state.store.syncRecord().reason == "suspended")
            #expect(try await state.store.syncRecord().seenCommit == "c2")
            clock.advance(by: .seconds(60))
            guard case .applied(_, 2) = await sync.runOnce() else {
                Issue.record("it goes on")
                return
            }
        }
    }

    @Test func `a saved plan that is older than a suspension is refused`() throws {
        let plan = try plan(
            ["erp.yaml": Sample.subscription("erp", url: "https://x.example.com/")], suspended: [])
        var live = try LiveState.applied(Self.files)
        live.suspensions = [Self.suspension(.resource("Subscription/erp")), Self.suspension(.all)]
        let report = try PlanReport(SavedPlan(plan, source: "s"), live: live, options: SafetyOptions())
        #expect(report.refusals.map(\.code) == [.suspended])
    }

    @Test func `a rollback pins a revision until it is resumed, also while the loop runs`() async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.files), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            var files = Self.files
            files["erp.yaml"] = Sample.subscription("erp", url: "https://erp.example.com/v2")
            files["chat.yaml"] = nil
            source.push(files)
            _ = await sync.runOnce()

            let live = try await LiveState.read(from: state.store, now: clock.now())
            let (report, revision) = try await Rollback.report(
                to: 1, store: state.store, live: live, options: SafetyOptions())
            #expect(report.refusals.isEmpty)
            #expect(
                report.plan.changes.map { "\($0.action) \($0.id)" } == [
                    "create Subscription/chat", "update Subscription/erp",
                ])
            let applier = Applier(
                store: state.store, holder: .sample(), clock: clock, isAlive: { _ in true }, warn: { _ in })
            let outcome = try await applier.apply(
                report.plan,
                context: .init(
                    source: revision.source, appliedBy: "mia", pin: Self.suspension(.rollback, revision: 1)),
                options: SafetyOptions())
            #expect(outcome == .applied(serial: 3))
            let (first, third) = (
                try await state.store.content(of: 1), try await state.store.content(of: 3)
            )
            #expect(first == third)
            #expect(try await state.store.revision(3)?.result == .rollback)

            for _ in 0..<2 {
                clock.advance(by: .seconds(700))
                #expect(await sync.runOnce().held?.map(\.code) == [.pinned])
                #expect(try await state.store.serial() == 3)
            }
            #expect(try await state.store.resume([.all, .rollback], now: clock.now()))
            guard case .applied(let plan, 4) = await sync.runOnce() else {
                Issue.record("it goes back to what the repository says")
                return
            }
            #expect(plan.changes.allSatisfy { !$0.isDrift })
            #expect(try await state.store.driftTotal() == 0)
        }
    }

    private static let revisions = [
        [
            "key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp"),
            "chat.yaml": Sample.subscription("chat"),
        ],
        [
            "key.yaml": Sample.secret("key"),
            "erp.yaml": Sample.subscription("erp", url: "https://erp.example.com/v2"),
            "chat.yaml": Sample.subscription("chat"),
        ],
    ]

    @Test(arguments: [
        "SELECT 'Subscription', 'more', canonical, digest, 0, '', 0, '', 0, 0, 0 FROM resource WHERE name = 'erp'",
        "SELECT 'Subscription', 'more', canonical, 'unheard-of', 0, '', 0, '', 2, 0, 0 FROM resource WHERE name = 'erp'",
        "SELECT 'Subscription', 'more', canonical, digest, 0, '', 0, '', 9, 0, 0 FROM resource WHERE name = 'erp'",
    ])
    func `a row that was put in by hand does not survive a rollback`(_ row: String) async throws {
        try await TestState.with { state async throws in
            let source = TestSource(Self.revisions[0])
            let sync = Synchronizer.test(state, source)
            _ = await sync.runOnce()
            source.push(Self.revisions[1])
            _ = await sync.runOnce()
            try await state.store.write { try $0.execute(sql: "INSERT INTO resource \(row)") }
            let live = try await LiveState.read(from: state.store, now: .t0)
            let plan = try await Rollback.report(
                to: 1, store: state.store, live: live, options: SafetyOptions()
            ).report.plan
            #expect(
                plan.changes.map { "\($0.action) \($0.id)" } == [
                    "update Subscription/erp", "delete Subscription/more",
                ])
        }
    }

    @Test(arguments: [
        "DELETE FROM resource WHERE name = 'chat'",
        "UPDATE resource SET digest = 'unheard-of' WHERE name = 'chat'",
    ])
    func `there is no way back from a state of which something was taken by hand, until it is healed`(
        _ edit: String
    ) async throws {
        try await TestState.with { state async throws in
            let (source, clock) = (TestSource(Self.revisions[0]), ManualClock())
            let sync = Synchronizer.test(state, source, clock)
            _ = await sync.runOnce()
            source.push(Self.revisions[1])
            _ = await sync.runOnce()
            try await state.store.write { try $0.execute(sql: edit) }
            func report() async throws -> PlanReport {
                let live = try await LiveState.read(from: state.store, now: clock.now())
                return try await Rollback.report(
                    to: 1, store: state.store, live: live, options: SafetyOptions()
                ).report
            }
            await #expect(throws: Rollback.Failure.self) { try await report() }
            clock.advance(by: .seconds(700))
            _ = await sync.runOnce()
            #expect(try await report().plan.changes.map(\.id) == ["Subscription/erp"])
        }
    }

    @Test func `a rollback obeys thresholds and says which revisions there are`() async throws {
        try await TestState.with { state async throws in
            var files: [String: String] = ["key.yaml": Sample.secret("key")]
            let source = TestSource(files)
            let sync = Synchronizer.test(state, source)
            _ = await sync.runOnce()
            for number in 0..<12 { files["\(number).yaml"] = Sample.secret("s\(number)") }
            source.push(files)
            _ = await sync.runOnce()
            let live = try await LiveState.read(from: state.store, now: .t0)
            let report = try await Rollback.report(
                to: 1, store: state.store, live: live, options: SafetyOptions()
            ).report
            #expect(report.refusals.map(\.code) == [.massDelete])
            await #expect(throws: Rollback.Failure.self) {
                try await Rollback.report(to: 9, store: state.store, live: live, options: SafetyOptions())
            }
        }
    }
}

extension Synchronizer {
    static func test(
        _ state: TestState, _ source: TestSource, _ clock: ManualClock = ManualClock(),
        safety: SafetyOptions = SafetyOptions()
    ) -> Synchronizer {
        Synchronizer(
            .init(rules: "1.0", safety: safety, appliedBy: "run"), source: source.source, store: state.store,
            holder: .sample(), clock: clock, isAlive: { _ in true },
            logger: Logger(label: "test") { _ in Silent() })
    }
}

extension SyncOutcome {
    fileprivate var held: [Refusal]? {
        if case .held(_, let refusals) = self { refusals } else { nil }
    }
}
