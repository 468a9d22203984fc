import Resources

/// What an apply would do to the live configuration: a value, made by ``Planner`` from what is wanted and what is live.
package struct Plan: Sendable, Equatable {
    /// What is wanted: the revision that the desired state was read from.
    package let revision: SourceRevision
    /// What is live: the state that the plan was made against.
    package let live: LiveRevision
    /// In the order in which they are shown and made: creations and updates before deletions, what is referred to
    /// before what refers to it, and the other way round for deletions.
    package var changes: [PlannedChange]
    /// What differs and stays as it is live, because it is suspended or was healed too often; the notes say which.
    package var withheld: [PlannedChange]
    /// Live resources that stay as they are.
    package let unchanged: Int
    /// Digest of the live set as it is after the plan was applied.
    package let resultDigest: String

    package init(
        revision: SourceRevision, live: LiveRevision, changes: [PlannedChange], unchanged: Int,
        resultDigest: String, withheld: [PlannedChange] = []
    ) {
        self.revision = revision
        self.live = live
        self.changes = changes
        self.unchanged = unchanged
        self.resultDigest = resultDigest
        self.withheld = withheld
    }

    package var isEmpty: Bool { changes.isEmpty }

    package func count(_ action: PlannedChange.Action) -> Int { changes.count { $0.action == action } }

    /// Identifies what the plan does to which state; what it merely tells (notes, places in files) does not count.
    package var digest: String {
        var text = "plan 1\n\(revision.commit)\n\(live.serial)\n\(resultDigest)\n"
        for change in changes {
            text += "\(change.action.rawValue) \(change.kind)/\(change.name)"
            text += " \(change.replaced ?? "-") \(change.desired?.digest ?? "-")\n"
        }
        return ResourceDigest(of: text).hex
    }
}

/// Which revision of a source holds the desired state.
package struct SourceRevision: Sendable, Equatable {
    /// 40 hexadecimal digits; empty for a plain folder.
    package var commit: String
    /// First line of the commit's message.
    package var subject: String
    /// Branch or tag as it is shown, or the folder.
    package var reference: String

    package init(commit: String, subject: String, reference: String) {
        self.commit = commit
        self.subject = subject
        self.reference = reference
    }
}

/// Which live state a plan was made against.
package struct LiveRevision: Sendable, Equatable {
    /// The commit that is applied; empty when none is.
    package var commit: String
    /// Counts the applies that changed something.
    package var serial: Int64

    package init(commit: String, serial: Int64) {
        self.commit = commit
        self.serial = serial
    }
}
