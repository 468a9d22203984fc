/// What became of a commit, for the place that it was pushed to.
package struct CommitReport: Sendable, Equatable {
    package enum State: String, Sendable {
        case pending, success, failure
    }

    /// 40 hexadecimal digits.
    package let commit: String
    package let state: State
    /// One line, without secrets.
    package let description: String

    init?(_ commit: String?, _ state: State, _ description: String) {
        // A plain folder has no commit, and a failed fetch names none.
        guard let commit, !commit.isEmpty else { return nil }
        self.commit = commit
        self.state = state
        self.description = ShownText.line(description)
    }

    /// nil when the outcome says nothing about a commit.
    init?(_ outcome: SyncOutcome) {
        switch outcome {
        case .upToDate(let revision): self.init(revision.commit, .success, "live")
        case .applied(let plan, let serial):
            self.init(plan.revision.commit, .success, "live, serial \(serial): \(Self.summary(plan))")
        case .held(let plan, let refusals):
            // People have stopped it, and it goes on when they resume: nothing is wrong with the commit.
            let isStopped = refusals.allSatisfy { $0.code == .suspended || $0.code == .pinned }
            self.init(
                plan.revision.commit, isStopped ? .pending : .failure,
                "held: " + refusals.map(\.message).joined(separator: "; "))
        case .failed(let failure):
            self.init(failure.commit, .failure, failure.message)
        }
    }

    static func pending(_ revision: SourceRevision) -> CommitReport? {
        CommitReport(revision.commit, .pending, "being compared with what is live")
    }

    private static func summary(_ plan: Plan) -> String {
        "\(plan.count(.create)) created, \(plan.count(.update)) updated, \(plan.count(.delete)) deleted"
    }
}
