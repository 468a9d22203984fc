package import Store

/// What the person who applies has allowed.
package struct SafetyOptions: Sendable, Equatable {
    package var allowsMassDelete: Bool
    /// Whether a commit may be applied that does not descend from the applied one.
    package var acceptsRewrittenHistory: Bool

    package init(allowsMassDelete: Bool = false, acceptsRewrittenHistory: Bool = false) {
        self.allowsMassDelete = allowsMassDelete
        self.acceptsRewrittenHistory = acceptsRewrittenHistory
    }
}

/// How the wanted commit relates to the applied one.
package enum CommitHistory: Sendable, Equatable {
    /// Nothing is applied yet, or the desired state does not come from git.
    case none
    case descends
    case rewritten
}

/// The rules that stand between a plan and the live state. Pure: the same plan and live set give the same answer, in
/// `plan` and `apply` alike.
package enum Safety {
    /// Part of the live resources beyond which deleting is refused, and from how many resources on.
    static let deletionShare = 30
    static let deletionMinimum = 10

    /// Why the plan must not be applied; empty when it may be.
    ///
    /// - Parameters:
    ///   - live: the resources of the serial that the plan was made against.
    ///   - suspensions: what people have stopped. That of the sync loop as a whole does not concern who plans or applies.
    package static func refusals(
        _ plan: Plan, live: [LiveResource], history: CommitHistory, options: SafetyOptions,
        suspensions: [Suspension] = []
    ) -> [Refusal] {
        let deletions = plan.changes.filter { $0.action == .delete }
        var refusals = stopped(plan, suspensions) + protected(deletions, live: live)
        if !options.allowsMassDelete,
            let refusal = massDeletion(
                deletions.count, of: live.count,
                leaving: plan.unchanged + plan.withheld.count + plan.changes.count - deletions.count)
        {
            refusals.append(refusal)
        }
        if history == .rewritten && !options.acceptsRewrittenHistory {
            refusals.append(rewrittenHistory(plan))
        }
        return refusals
    }

    /// What a person has stopped.
    private static func stopped(_ plan: Plan, _ suspensions: [Suspension]) -> [Refusal] {
        let suspended = Withholding(suspensions)
        let pins = suspensions.filter { $0.target == .rollback }.map { pin in
            Refusal(
                .pinned,
                "revision \(pin.pinnedSerial.map(String.init) ?? "") is pinned by a rollback \(pin.summary)",
                hint: "`zentra-sync resume` goes back to what the repository says")
        }
        // A new plan leaves it out; a saved one may be older than the suspension.
        return pins
            + plan.changes.compactMap { change in
                suspended[change.id].map {
                    Refusal(
                        .suspended, "\(change.id) is \($0)",
                        hint: "make a new plan, or `zentra-sync resume \(change.id)`")
                }
            }
    }

    private static func protected(_ deletions: [PlannedChange], live: [LiveResource]) -> [Refusal] {
        guard !deletions.isEmpty else { return [] }
        let protected = Set(live.lazy.filter(\.isProtected).map { "\($0.kind)/\($0.name)" })
        return deletions.filter { protected.contains($0.id) }.map { change in
            Refusal(
                .protected, "\(change.id) is protected and would be deleted",
                hint:
                    "restore it without the annotation sync.zentra.dev/protect, apply that, and delete it afterwards"
            )
        }
    }

    private static func massDeletion(_ count: Int, of total: Int, leaving rest: Int) -> Refusal? {
        guard count > 0 else { return nil }
        if rest == 0 {
            return Refusal(
                .emptyState,
                "the desired state is empty: \(total == 1 ? "the only live resource" : "all \(total) live resources") would be deleted",
                hint: "check ref and path; if it is meant, `zentra-sync apply --allow-mass-delete`")
        }
        let hint = "if it is meant, `zentra-sync apply --allow-mass-delete`"
        if count == total {
            return Refusal(
                .massDelete,
                "\(total == 1 ? "the only live resource" : "all \(total) live resources") would be deleted",
                hint: hint)
        }
        guard total >= deletionMinimum, count * 100 > total * deletionShare else { return nil }
        return Refusal(
            .massDelete,
            "\(count) of \(total) live resources would be deleted, which is more than \(deletionShare) %",
            hint: hint)
    }

    /// The sync loop as a whole is suspended.
    static func suspended(_ suspension: Suspension) -> Refusal {
        Refusal(
            .suspended, "syncing is suspended \(suspension.summary)",
            hint: "`zentra-sync resume` starts it again; `zentra-sync apply` applies once")
    }

    private static func rewrittenHistory(_ plan: Plan) -> Refusal {
        Refusal(
            .rewrittenHistory,
            "commit \(plan.revision.commit.prefix(7)) does not descend from the applied commit "
                + "\(plan.live.commit.prefix(7)): the history of \(plan.revision.reference) was rewritten",
            hint: "if it is meant, `zentra-sync apply` it once, or run with `--history accept`")
    }
}
