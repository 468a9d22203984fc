import GRDB
import Logging
import Resources
import Synchronization
import Testing

@testable import Reconciler
@testable import Store

struct SynchronizerTests {
    private let files = ["key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp")]

    private func with(
        _ files: [String: String], safety: SafetyOptions = SafetyOptions(),
        _ body: (TestState, TestSource, ManualClock, Synchronizer) async throws -> Void
    ) async throws {
        try await TestState.with { state async throws in
            let source = TestSource(files)
            let clock = ManualClock()
            try await body(
                state, source, clock, Self.synchronizer(state, source.source, clock, safety: safety))
        }
    }

    private static func synchronizer(
        _ state: TestState, _ source: DesiredSource, _ clock: ManualClock,
        safety: SafetyOptions = SafetyOptions(),
        onApplied: @escaping Synchronizer.Nudge = { _ in }
    ) -> Synchronizer {
        Synchronizer(
            .init(rules: "1.0", safety: safety, appliedBy: "run"), source: source, store: state.store,
            holder: .sample(), clock: clock, isAlive: { _ in true },
            logger: Logger(label: "test") { _ in Silent() },
            onApplied: onApplied)
    }

    @Test func `a first round applies, and tells the runtime`() async throws {
        try await TestState.with { state async throws in
            let nudges = Nudges()
            let sync = Self.synchronizer(
                state, TestSource(files).source, ManualClock(), onApplied: { nudges.add($0) })
            let plan = try #require(await sync.runOnce().applied(1))
            #expect(plan.count(.create) == 2)
            #expect(nudges.serials == [1])
            let record = try await state.store.syncRecord()
            #expect(record.result == .synced)
            #expect(record.appliedCommit == "c1")
            #expect(record.source == "test main .")
        }
    }

    @Test func `with an environment every change is seen, whichever layer it is in`() async throws {
        try await TestState.with { state async throws in
            var files = [
                "base/key.yaml": Sample.secret("key"),
                "base/erp.yaml": Sample.subscription("erp", url: "https://${values.host}/hooks"),
                "base/chat.yaml": Sample.subscription("chat"),
                "env/prod/values.yaml": "host: a.example.com",
                "env/prod/chat.yaml": "kind: Subscription\nmetadata: {name: chat}\nspec: {timeout: 20s}\n",
            ]
            let source = TestSource(files)
            var configuration = Synchronizer.Configuration(
                rules: "1.0", safety: SafetyOptions(), appliedBy: "run")
            configuration.environment = "prod"
            let sync = Synchronizer(
                configuration, source: source.source, store: state.store, holder: .sample(),
                clock: ManualClock(), isAlive: { _ in true },
                logger: Logger(label: "test") { _ in Silent() })
            #expect(await sync.runOnce().applied(1) != nil)
            let changes = [
                ("base/more.yaml", Sample.secret("more"), "SecretReference/more"),
                ("env/prod/values.yaml", "host: b.example.com", "Subscription/erp"),
                (
                    "env/prod/chat.yaml",
                    "kind: Subscription\nmetadata: {name: chat}\nspec: {timeout: 30s}\n", "Subscription/chat"
                ),
                (
                    "base/chat.yaml", Sample.subscription("chat", url: "https://c.example.com/"),
                    "Subscription/chat"
                ),
            ]
            for (serial, (path, text, id)) in zip(Int64(2)..., changes) {
                files[path] = text
                source.push(files)
                let plan = try #require(await sync.runOnce().applied(serial), "\(path)")
                #expect(plan.changes.map(\.id) == [id], "\(path)")
            }
        }
    }

    @Test func `a first round that fails says where it looked`() async throws {
        try await with(files) { state, source, _, sync async throws in
            source.set(isReachable: false)
            #expect(await sync.runOnce().failure?.reason == .fetch)
            let record = try await state.store.syncRecord()
            #expect(record.source == "test main .")
            #expect(record.result == .failed)
        }
    }

    @Test func `a commit with an expression that does not compile is not applied`() async throws {
        let broken = Sample.subscription("erp", more: "filter: event.data.priorty == 'high'")
        try await with(["key.yaml": Sample.secret("key"), "erp.yaml": broken]) {
            state, _, _, sync async throws in
            #expect(await sync.runOnce().failure?.diagnostics.map(\.code) == [.invalidExpression])
            #expect(try await state.store.serial() == 0)
        }
    }

    @Test func `commits that nobody signed who may are held, however little they change`() async throws {
        try await with(files) { state, source, _, sync async throws in
            source.set(signers: "zoe")
            #expect(await sync.runOnce().applied(1) != nil)
            source.push(files, signed: false)
            let held = try #require(await sync.runOnce().refusals)
            #expect(held.map(\.code) == [.signature])
            #expect(held.first?.message == "commit c2 “Change 2” is not trusted: it is not signed")
            #expect(try await state.store.syncRecord().appliedCommit == "c1")
            #expect(await sync.runOnce().refusals != nil, "it stays held")
            // Whoever may sign is asked anew when the list changes.
            source.set(signers: "zoe and mia", isSigned: true)
            #expect(await sync.runOnce().upToDate?.commit == "c2")
        }
    }

    @Test func `an unchanged source is not read again, also after a restart`() async throws {
        try await with(files) { state, source, clock, sync async throws in
            _ = await sync.runOnce()
            #expect(source.takeRead() == ["erp.yaml", "key.yaml"])
            clock.advance(by: .seconds(30))
            #expect(await sync.runOnce().upToDate != nil)
            #expect(source.takeRead().isEmpty)
            #expect(try await state.store.syncRecord().lastSuccess == .t0 + .seconds(30))
            let restarted = Self.synchronizer(state, source.source, clock)
            #expect(await restarted.runOnce().upToDate != nil)
            #expect(source.takeRead().isEmpty)
        }
    }

    @Test func `a commit that changes no file of the path becomes the applied one without being read`()
        async throws
    {
        try await with(files) { state, source, _, sync async throws in
            _ = await sync.runOnce()
            _ = source.takeRead()
            source.push(files)
            let revision = try #require(await sync.runOnce().upToDate)
            #expect(revision.commit == "c2")
            #expect(source.takeRead().isEmpty)
            #expect(try await state.store.syncRecord().appliedCommit == "c2")
            #expect(try await state.store.serial() == 1)
        }
    }

    @Test func `only changed files are read`() async throws {
        try await with(files) { _, source, _, sync async throws in
            _ = await sync.runOnce()
            _ = source.takeRead()
            source.push(
                files.merging(["erp.yaml": Sample.subscription("erp", url: "https://new.example.com")]) { $1 }
            )
            let plan = try #require(await sync.runOnce().applied(2))
            #expect(plan.changes.map(\.id) == ["Subscription/erp"])
            #expect(source.takeRead() == ["erp.yaml"])
        }
    }

    @Test func `a source that cannot be fetched keeps the last good configuration`() async throws {
        try await with(files) { state, source, _, sync async throws in
            _ = await sync.runOnce()
            source.set(isReachable: false)
            for failures in 1...3 {
                let failure = try #require(await sync.runOnce().failure)
                #expect(failure.reason == .fetch)
                #expect(try await state.store.syncRecord().failures == failures)
            }
            let record = try await state.store.syncRecord()
            #expect(record.result == .failed)
            #expect(record.reason == "fetch")
            #expect(record.message == "no route to host")
            #expect(record.appliedCommit == "c1")
            #expect(try await state.store.liveConfiguration().resources.count == 2)
            source.set(isReachable: true)
            #expect(await sync.runOnce().upToDate != nil)
            #expect(try await state.store.syncRecord().failures == 0)
        }
    }

    @Test func `a source that cannot be read is no empty configuration`() async throws {
        try await with(files, safety: SafetyOptions(allowsMassDelete: true)) {
            state, source, _, sync async throws in
            _ = await sync.runOnce()
            source.push(["key.yaml": Sample.secret("key")])
            source.set(isReadable: false)
            let failure = try #require(await sync.runOnce().failure)
            #expect(failure.reason == .read)
            #expect(try await state.store.liveConfiguration().resources.count == 2)
            source.set(isReadable: true)
            #expect(await sync.runOnce().applied(2) != nil)
        }
    }

    @Test func `a broken commit keeps the last good configuration and says why`() async throws {
        try await with(files) { state, source, clock, sync async throws in
            _ = await sync.runOnce()
            source.push(
                files.merging(["erp.yaml": Sample.subscription("erp", events: "[ticket.closed]")]) { $1 })
            for _ in 0..<2 {
                let failure = try #require(await sync.runOnce().failure)
                #expect(failure.reason == .invalid)
                #expect(failure.diagnostics.map(\.position.file) == ["erp.yaml"])
                clock.advance(by: .seconds(30))
            }
            let record = try await state.store.syncRecord()
            #expect(record.reason == "invalid")
            #expect(record.message.contains("erp.yaml:6"))
            #expect((record.appliedCommit, record.seenCommit) == ("c1", "c2"))
            #expect(try await state.store.serial() == 1)
            source.push(files)
            #expect(await sync.runOnce().upToDate != nil)
            // The broken one again: it must not be taken for the good one.
            source.push(
                files.merging(["erp.yaml": Sample.subscription("erp", events: "[ticket.closed]")]) { $1 })
            #expect(await sync.runOnce().failure != nil)
        }
    }

    @Test func `a commit that would delete everything is held`() async throws {
        try await with(files) { state, source, _, sync async throws in
            _ = await sync.runOnce()
            source.push([:])
            for _ in 0..<2 {
                let refusals = try #require(await sync.runOnce().refusals)
                #expect(refusals.map(\.code) == [.emptyState])
            }
            let record = try await state.store.syncRecord()
            #expect(record.result == .held)
            #expect(record.reason == "empty")
            #expect(record.failures == 0)
            #expect((record.appliedCommit, record.seenCommit) == ("c1", "c2"))
            #expect(try await state.store.liveConfiguration().resources.count == 2)
        }
    }

    @Test(arguments: [false, true])
    func `a rewritten history is held unless it is accepted`(_ accepts: Bool) async throws {
        let next = files.merging(["erp.yaml": Sample.subscription("erp", url: "https://new.example.com")]) {
            $1
        }
        try await with(files, safety: SafetyOptions(acceptsRewrittenHistory: accepts)) {
            _, source, _, sync async throws in
            _ = await sync.runOnce()
            source.push(next, isRewritten: true)
            let outcome = await sync.runOnce()
            #expect(outcome.refusals?.map(\.code) == (accepts ? nil : [.rewrittenHistory]))
            #expect((outcome.applied(2) != nil) == accepts)
        }
    }

    @Test func `a rewritten history is held although it changes no file`() async throws {
        try await with(files) { state, source, _, sync async throws in
            _ = await sync.runOnce()
            source.push(files, isRewritten: true)
            #expect(await sync.runOnce().refusals?.map(\.code) == [.rewrittenHistory])
            #expect(try await state.store.syncRecord().appliedCommit == "c1")
            source.push(files)
            #expect(await sync.runOnce().upToDate?.commit == "c3")
        }
    }

    @Test func `a live state that was changed by hand is healed in time`() async throws {
        try await with(files) { state, _, clock, sync async throws in
            _ = await sync.runOnce()
            try await state.changeByHand("erp")
            clock.advance(by: .seconds(30))
            #expect(await sync.runOnce().upToDate != nil)
            clock.advance(by: .seconds(600))
            let plan = try #require(await sync.runOnce().applied(2))
            #expect(plan.changes.map(\.id) == ["Subscription/erp"])
            clock.advance(by: .seconds(600))
            #expect(await sync.runOnce().upToDate != nil)
        }
    }

    @Test func `an apply from elsewhere is noticed at the next round`() async throws {
        try await with(files) { state, _, _, sync async throws in
            _ = await sync.runOnce()
            let other = Planner.plan(
                try Sample.desired(["key.yaml": Sample.secret("key")]),
                live: try await .read(from: state.store),
                revision: .sample)
            let applier = Applier(
                store: state.store, holder: .sample(), clock: ManualClock(), isAlive: { _ in true },
                warn: { _ in })
            _ = try await applier.apply(
                other, context: .init(source: "elsewhere", appliedBy: "me"), options: SafetyOptions())
            let plan = try #require(await sync.runOnce().applied(3))
            #expect(plan.changes.map(\.action) == [.create])
        }
    }

    @Test func `a round beside another apply fails and names it`() async throws {
        try await with(files) { state, _, _, sync async throws in
            _ = try await state.store.takeLease(.sample(process: 7), now: .t0, isAlive: { _ in true })
            let failure = try #require(await sync.runOnce().failure)
            #expect(failure.reason == .lease)
            #expect(failure.message.contains("process 7"))
        }
    }

    @Test func `a round that a shutdown cut short is not recorded as a failure`() async throws {
        try await with(files) { state, source, _, sync async throws in
            _ = await sync.runOnce()
            source.set(isReachable: false)
            let round = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await sync.runOnce()
            }
            #expect(await round.value.failure != nil)
            #expect(try await state.store.syncRecord().result == .synced)
        }
    }

    @Test func `a state that cannot be written is a failure like any other`() async throws {
        let state = try TestState()
        let sync = Self.synchronizer(state, TestSource(files).source, ManualClock())
        try state.store.close()
        let failure = try #require(await sync.runOnce().failure)
        #expect(failure.reason == .state)
    }
}

private final class Nudges: Sendable {
    private let state = Mutex<[Int64]>([])

    var serials: [Int64] { state.withLock(\.self) }

    func add(_ serial: Int64) { state.withLock { $0.append(serial) } }
}

extension TestState {
    /// What nobody should do: edits a live form in the state file.
    fileprivate func changeByHand(_ name: String) async throws {
        try await store.write { database in
            try database.execute(
                sql:
                    "UPDATE resource SET canonical = replace(canonical, 'com/v1', 'com/evil') WHERE name = ?",
                arguments: [name])
        }
    }
}

extension SyncOutcome {
    fileprivate var upToDate: SourceRevision? {
        if case .upToDate(let revision) = self { revision } else { nil }
    }

    fileprivate func applied(_ expected: Int64) -> Plan? {
        if case .applied(let plan, expected) = self { plan } else { nil }
    }

    fileprivate var refusals: [Refusal]? {
        if case .held(_, let refusals) = self { refusals } else { nil }
    }

    fileprivate var failure: SyncFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}
