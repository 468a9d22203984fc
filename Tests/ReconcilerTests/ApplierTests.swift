import Store
import Testing

@testable import Reconciler

struct ApplierTests {
    private let files = [
        "key.yaml": Sample.secret("key"), "erp.yaml": Sample.subscription("erp"),
        "app.yaml": Sample.token("app"),
    ]
    private let context = Applier.Context(source: "file:///config main .", appliedBy: "test")

    private func applier(_ state: TestState, process: Int32 = 100, clock: ManualClock = ManualClock())
        -> Applier
    {
        Applier(
            store: state.store, holder: .sample(process: process), clock: clock, isAlive: { _ in true },
            warn: { _ in })
    }

    private func plan(_ files: [String: String], _ state: TestState) async throws -> Plan {
        Planner.plan(try Sample.desired(files), live: try await .read(from: state.store), revision: .sample)
    }

    @Test func `a plan becomes live with its files, and the next plan is empty`() async throws {
        try await TestState.with { state async throws in
            let outcome = try await applier(state).apply(
                try await plan(files, state), context: context, options: SafetyOptions())
            #expect(outcome == .applied(serial: 1))
            let live = try await state.store.liveConfiguration()
            #expect(live.resources.map(\.file) == ["app.yaml", "key.yaml", "erp.yaml"])
            let next = try await plan(files, state)
            #expect(next.isEmpty)
            #expect(try await state.store.syncBasis().liveDigest == next.resultDigest)
            #expect(try await state.store.lease() == nil)
            let revision = try #require(try await state.store.revisions(limit: 1).first)
            #expect((revision.created, revision.updated, revision.deleted) == (3, 0, 0))
            #expect(revision.appliedBy == "test")
        }
    }

    @Test func `applying twice changes nothing the second time`() async throws {
        try await TestState.with { state async throws in
            let applier = applier(state)
            _ = try await applier.apply(
                try await plan(files, state), context: context, options: SafetyOptions())
            let again = try await applier.apply(
                try await plan(files, state), context: context, options: SafetyOptions())
            #expect(again == .upToDate(serial: 1))
            #expect(try await state.store.revisions(limit: 9).count == 1)
        }
    }

    @Test func `updates and deletions are one revision`() async throws {
        try await TestState.with { state async throws in
            let applier = applier(state)
            _ = try await applier.apply(
                try await plan(files, state), context: context, options: SafetyOptions())
            let next = [
                "key.yaml": Sample.secret("key"), "new.yaml": Sample.secret("new"),
                "erp.yaml": Sample.subscription("erp", url: "https://new.example.com"),
            ]
            let outcome = try await applier.apply(
                try await plan(next, state), context: context, options: SafetyOptions())
            #expect(outcome == .applied(serial: 2))
            let revision = try #require(try await state.store.revisions(limit: 1).first)
            #expect((revision.created, revision.updated, revision.deleted) == (1, 1, 1))
            #expect(try await plan(next, state).isEmpty)
        }
    }

    @Test func `a plan that was overtaken is stale`() async throws {
        try await TestState.with { state async throws in
            let applier = applier(state)
            let old = try await plan(files, state)
            _ = try await applier.apply(
                try await plan(["key.yaml": Sample.secret("key")], state), context: context,
                options: SafetyOptions())
            let outcome = try await applier.apply(old, context: context, options: SafetyOptions())
            #expect(outcome == .stale(planned: 0, live: 1))
            #expect(try await state.store.liveConfiguration().resources.count == 1)
        }
    }

    @Test func `a plan that safety rules forbid is not applied`() async throws {
        try await TestState.with { state async throws in
            let applier = applier(state)
            _ = try await applier.apply(
                try await plan(files, state), context: context, options: SafetyOptions())
            let nothing = try await plan([:], state)
            let refused = try await applier.apply(nothing, context: context, options: SafetyOptions())
            #expect(refused.refusals == [.emptyState])
            #expect(try await state.store.liveConfiguration().resources.count == 3)
            #expect(try await state.store.lease() == nil)
            let allowed = SafetyOptions(allowsMassDelete: true)
            #expect(
                try await applier.apply(nothing, context: context, options: allowed) == .applied(serial: 2))
        }
    }

    @Test func `protection is remembered until it was removed in an earlier apply`() async throws {
        try await TestState.with { state async throws in
            let applier = applier(state)
            let protected = files.merging([
                "app.yaml": Sample.token("app").replacing(
                    "{name: app}", with: "{name: app, annotations: {sync.zentra.dev/protect: \"true\"}}")
            ]) { $1 }
            func apply(_ files: [String: String]) async throws -> ApplyOutcome {
                try await applier.apply(
                    try await plan(files, state), context: context,
                    options: SafetyOptions(allowsMassDelete: true))
            }
            #expect(try await apply(protected) == .applied(serial: 1))
            let without = files.filter { $0.key != "app.yaml" }
            #expect(try await apply(without).refusals == [.protected])
            #expect(try await apply(files) == .applied(serial: 2))
            #expect(try await apply(without) == .applied(serial: 3))
        }
    }

    @Test func `an apply beside another one is refused and names it`() async throws {
        try await TestState.with { state async throws in
            _ = try await state.store.takeLease(.sample(process: 7), now: .t0, isAlive: { _ in true })
            let plan = try await plan(files, state)
            await #expect {
                try await applier(state).apply(plan, context: context, options: SafetyOptions())
            } throws: {
                "\($0)".contains("another apply is under way: run on here (process 7)")
            }
        }
    }

    @Test func `the identity of this process is complete`() {
        let holder = Lease.Holder.thisProcess(owner: "apply")
        #expect(!holder.host.isEmpty && !holder.bootID.isEmpty && holder.process > 0)
        #expect(Lease.Holder.isAlive(holder.process))
        #expect(!Lease.Holder.isAlive(Int32.max))
        #expect(holder == .thisProcess(owner: "apply"))
    }
}

extension ApplyOutcome {
    fileprivate var refusals: [Refusal.Code] {
        if case .refused(let refusals) = self { refusals.map(\.code) } else { [] }
    }
}
