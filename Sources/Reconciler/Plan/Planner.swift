import JSON
package import Resources
import Store

/// Compares what is wanted with what is live. Pure: knows neither git nor SQL, and reads no clock.
package enum Planner {
    private struct Key: Hashable {
        let kind: String
        let name: String
    }

    /// The plan that makes `desired` live.
    ///
    /// Canonical forms are parsed for changed digests only. A live row whose text is not the one that was applied
    /// (somebody changed the state by hand) counts as what it is, not as what its stored digest says.
    ///
    /// - Parameters:
    ///   - withholding: what stays as it is live.
    ///   - isApplied: whether these very files are live already, so that every difference was made outside of git.
    package static func plan(
        _ desired: DesiredState, live: LiveState, revision: SourceRevision,
        withholding: Withholding = Withholding(), isApplied: Bool = false
    ) -> Plan {
        let rows = live.configuration.resources
        var remaining = Dictionary(rows.map { (Key(kind: $0.kind, name: $0.name), $0) }) { first, _ in first }
        var changes: [PlannedChange] = []
        var unchanged = 0
        for resource in desired.resources {
            let key = Key(kind: resource.id.kind.rawValue, name: resource.id.name)
            if let change = change(
                to: resource, from: remaining.removeValue(forKey: key), isVerified: live.isVerified)
            {
                changes.append(change)
            } else {
                unchanged += 1
            }
        }
        changes += remaining.values.map(deletion)
        changes.sort(by: PlannedChange.isBefore)
        if isApplied { for index in changes.indices { changes[index].markAsDrift() } }
        let (made, withheld) = split(changes, withholding)
        return Plan(
            revision: revision, live: live.revision, changes: made, unchanged: unchanged,
            resultDigest: resultDigest(desired, rows, withheld), withheld: withheld
        ).noting(live.facts).notingLoops(of: desired)
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
        let kept = rows.map { (id: "\($0.kind)/\($0.name)", digest: $0.digest) }.filter {
            ids.contains($0.id)
        }
        let made = desired.resources.map { (id: $0.id.description, digest: $0.digest.hex) }
        return LiveDigest.of(made.filter { !ids.contains($0.id) } + kept)
    }

    /// nil when the resource is live as it is wanted.
    private static func change(
        to resource: Resource, from live: LiveResource?, isVerified: Bool
    ) -> PlannedChange? {
        // The most frequent case by far.
        if let live, isVerified, live.digest == resource.digest.hex { return nil }
        let desired = PlannedChange.Desired(
            canonical: resource.canonical, digest: resource.digest.hex, isProtected: resource.isProtected,
            file: resource.position?.file ?? "", line: resource.position?.line ?? 0)
        let (kind, name) = (resource.id.kind.rawValue, resource.id.name)
        guard let live else {
            return PlannedChange(
                .create, kind: kind, name: name, desired: desired, replaced: nil,
                notes: FieldOrigins.notes(resource.origins))
        }
        let isUntouched = isVerified || live.hasAppliedForm
        if isUntouched && live.digest == desired.digest { return nil }
        var notes: [String] = []
        if !isUntouched { notes.append(PlannedChange.driftNote) }
        let fields: [FieldChange]
        do {
            fields = FieldComparison.changes(
                from: try JSONValue(parsing: live.canonical), to: try JSONValue(parsing: desired.canonical),
                kind: kind, origins: FieldOrigins(resource))
        } catch {
            fields = []
            notes.append("the live form cannot be read: \(error)")
        }
        return PlannedChange(
            .update, kind: kind, name: name, desired: desired, replaced: live.digest, fields: fields,
            notes: notes, isDrift: !isUntouched)
    }

    private static func deletion(_ live: LiveResource) -> PlannedChange {
        PlannedChange(.delete, kind: live.kind, name: live.name, desired: nil, replaced: live.digest)
    }
}

extension LiveResource {
    /// Whether the text is the one whose digest was stored when it was applied.
    fileprivate var hasAppliedForm: Bool { ResourceDigest(of: canonical).hex == digest }
}

extension PlannedChange {
    fileprivate static let driftNote = "the live form was changed by hand since it was applied"

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

    /// Creations, updates, deletions; within them kinds in the order in which they refer to each other (backwards for
    /// deletions, those of other releases first), then names.
    fileprivate static func isBefore(_ left: PlannedChange, _ right: PlannedChange) -> Bool {
        left.rank == right.rank
            ? (left.kind, left.name) < (right.kind, right.name)
            : left.rank.lexicographicallyPrecedes(right.rank)
    }

    private var rank: [Int] {
        let place =
            ResourceKind(rawValue: kind).flatMap(ResourceKind.allCases.firstIndex)
            ?? ResourceKind.allCases.count
        return switch action {
        case .create: [0, place]
        case .update: [1, place]
        case .delete: [2, -place]
        }
    }
}
