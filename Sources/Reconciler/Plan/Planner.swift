import JSON
package import Resources
import Store

/// Compares what is wanted with what is live. Pure: knows neither git nor SQL, and reads no clock.
package enum Planner {
    /// The plan that makes `desired` live.
    ///
    /// Canonical forms are parsed for changed digests only. A live row whose text is not the one that was applied
    /// (somebody changed the state by hand) counts as what it is, not as what its stored digest says.
    ///
    /// - Parameters:
    ///   - withholding: what stays as it is live.
    ///   - isApplied: whether these very files are live already, so that every difference was made outside of git.
    package static func plan(
        _ desired: DesiredState, live state: LiveState, revision: SourceRevision,
        withholding: Withholding = Withholding(), isApplied: Bool = false
    ) -> Plan {
        let rows = state.configuration.resources
        let found = Differences(desired, state)
        var changes = inOrder(found.changes, found.deletions)
        if isApplied { for index in changes.indices { changes[index].markAsDrift() } }
        let (made, withheld) = split(changes, withholding)
        return Plan(
            revision: revision, live: state.revision, changes: made, unchanged: found.unchanged,
            resultDigest: resultDigest(desired, rows, withheld), withheld: withheld
        ).noting(state.facts).notingLoops(of: desired)
    }

    /// Creations, updates, deletions; within them kinds in the order in which they refer to each other (backwards for
    /// deletions, those of other releases first), then names.
    ///
    /// - Parameter changes: creations and updates, in the order of the desired state.
    private static func inOrder(
        _ changes: [PlannedChange], _ deletions: [PlannedChange]
    ) -> [PlannedChange] {
        let places = Dictionary(
            uniqueKeysWithValues: ResourceKind.allCases.enumerated().map { ($1.rawValue, $0) })
        func place(_ deletion: PlannedChange) -> Int { places[deletion.kind] ?? places.count }
        return changes.filter { $0.action == .create } + changes.filter { $0.action == .update }
            + deletions.map { (place: -place($0), deletion: $0) }.sorted {
                ($0.place, $0.deletion.kind, $0.deletion.name) < (
                    $1.place, $1.deletion.kind, $1.deletion.name
                )
            }.map(\.deletion)
    }

    /// Takes out what stays as it is live.
    private static func split(
        _ changes: [PlannedChange], _ withholding: Withholding
    ) -> (made: [PlannedChange], withheld: [PlannedChange]) {
        guard !withholding.isEmpty else { return (changes, []) }
        var (made, withheld): ([PlannedChange], [PlannedChange]) = ([], [])
        for var change in changes {
            if let reason = withholding.reason(for: change.kind, change.name) {
                change.notes.insert(reason, at: 0)
                withheld.append(change)
            } else {
                made.append(change)
            }
        }
        return (made, withheld)
    }

    private static func resultDigest(
        _ desired: DesiredState, _ rows: [LiveResource], _ withheld: [PlannedChange]
    ) -> String {
        guard !withheld.isEmpty else { return LiveDigest.of(desired) }
        let ids = Set(withheld.map(\.id))
        let kept = rows.filter { ids.contains("\($0.kind)/\($0.name)") }.map { ($0.kind, $0.name, $0.digest) }
        let made = desired.resources.filter { !ids.contains($0.id.description) }.map {
            ($0.id.kind.rawValue, $0.id.name, $0.digest.hex)
        }
        return LiveDigest.of(made + kept)
    }
}

extension PlannedChange {
    /// The files that are wanted are the ones that were applied last.
    fileprivate mutating func markAsDrift() {
        guard !isDrift else { return }
        isDrift = true
        switch action {
        case .create: notes.append("it was deleted outside of git since it was applied")
        case .update: notes.append("it was changed outside of git since it was applied")
        case .delete: notes.append("it was made outside of git")
        }
    }
}
