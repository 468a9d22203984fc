import Store
import Testing

@testable import Reconciler

struct SafetyTests {
    private func refusals(
        live: Int, delete: Int, create: Int = 0, protected: Int = 0, history: CommitHistory = .descends,
        options: SafetyOptions = SafetyOptions()
    ) -> [Refusal] {
        let rows = (0..<live).map { index in
            LiveResource(
                kind: "ApiToken", name: "t\(index)", canonical: "{}", digest: "d",
                isProtected: index < protected,
                file: "", line: 0, commit: "")
        }
        let deletions = rows.prefix(delete).map {
            PlannedChange(.delete, kind: $0.kind, name: $0.name, desired: nil, replaced: $0.digest)
        }
        let creations = (0..<create).map {
            PlannedChange(
                .create, kind: "ApiToken", name: "n\($0)",
                desired: .init(canonical: "{}", digest: "d", isProtected: false, file: "", line: 1),
                replaced: nil)
        }
        let plan = Plan(
            revision: .sample, live: LiveRevision(commit: "91b0d2e", serial: 4),
            changes: creations + deletions,
            unchanged: live - delete, resultDigest: "")
        return Safety.refusals(plan, live: rows, history: history, options: options)
    }

    @Test(
        arguments: [
            // live, delete, create, refused
            (0, 0, 5, nil), (9, 8, 0, nil), (10, 3, 0, nil), (10, 4, 0, Refusal.Code.massDelete),
            (100, 30, 0, nil), (100, 31, 0, .massDelete), (1, 1, 1, .massDelete), (3, 3, 3, .massDelete),
            (1, 1, 0, .emptyState), (50, 50, 0, .emptyState), (10, 0, 0, nil),
        ] as [(Int, Int, Int, Refusal.Code?)])
    func `deleting many at once is refused`(_ live: Int, _ delete: Int, _ create: Int, _ code: Refusal.Code?)
    {
        #expect(refusals(live: live, delete: delete, create: create).map(\.code) == (code.map { [$0] } ?? []))
        let allowed = SafetyOptions(allowsMassDelete: true)
        #expect(refusals(live: live, delete: delete, create: create, options: allowed).isEmpty)
    }

    @Test func `what is protected is never deleted, however much is allowed`() {
        let all = SafetyOptions(allowsMassDelete: true, acceptsRewrittenHistory: true)
        let refused = refusals(live: 20, delete: 2, protected: 5, options: all)
        #expect(refused.map(\.code) == [.protected, .protected])
        #expect(refused[0].message == "ApiToken/t0 is protected and would be deleted")
        #expect(refusals(live: 20, delete: 0, protected: 5).isEmpty)
    }

    @Test func `a commit that does not descend from the applied one is held`() {
        #expect(refusals(live: 1, delete: 0, history: .rewritten).map(\.code) == [.rewrittenHistory])
        let accepted = SafetyOptions(acceptsRewrittenHistory: true)
        #expect(refusals(live: 1, delete: 0, history: .rewritten, options: accepted).isEmpty)
        #expect(refusals(live: 1, delete: 0, history: .none).isEmpty)
    }

    @Test func `reasons add up, and say what to do`() {
        let refused = refusals(live: 12, delete: 12, protected: 1, history: .rewritten)
        #expect(refused.map(\.code) == [.protected, .emptyState, .rewrittenHistory])
        #expect(refused.allSatisfy { !$0.hint.isEmpty })
        #expect(refused[1].message == "the desired state is empty: all 12 live resources would be deleted")
    }

    @Test func `a refusal beats changes in the exit code`() throws {
        let plan = try Plan.sample(from: [:], to: ["key.yaml": Sample.secret("key")])
        let refusal = Refusal(.protected, "no", hint: "")
        #expect(PlanReport(plan: plan, refusals: [refusal]).exitCode(isDetailed: true) == 3)
        #expect(PlanReport(plan: plan, refusals: []).exitCode(isDetailed: true) == 2)
        #expect(PlanReport(plan: plan, refusals: []).exitCode(isDetailed: false) == 0)
        let same = try Plan.sample(from: [:], to: [:])
        #expect(PlanReport(plan: same, refusals: []).exitCode(isDetailed: true) == 0)
    }
}
