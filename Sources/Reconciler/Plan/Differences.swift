import JSON
import Resources
import Store

/// What differs between a desired state and a live one.
struct Differences {
    /// Creations and updates, in the order of the desired state.
    private(set) var changes: [PlannedChange] = []
    /// In no order.
    private(set) var deletions: [PlannedChange] = []
    /// Live resources that are as they are wanted.
    private(set) var unchanged = 0

    init(_ desired: DesiredState, _ state: LiveState) {
        if let live = state.desired {
            look(at: desired.differences(from: live), in: state.configuration)
            unchanged = desired.resources.count - changes.count
        } else {
            look(at: desired, state)
        }
    }

    /// Looks at what became of a state that is live exactly as it stands.
    private mutating func look(
        at differences: [(id: ResourceID, resource: Resource?)], in live: LiveConfiguration
    ) {
        for (id, resource) in differences {
            let row = live[ConfigurationChange.Name(kind: id.kind.rawValue, name: id.name)]
            if let resource {
                if let change = Self.change(to: resource, from: row, isVerified: true) {
                    changes.append(change)
                }
            } else if let row {
                deletions.append(Self.deletion(row))
            }
        }
    }

    /// Looks at everything.
    private mutating func look(at desired: DesiredState, _ state: LiveState) {
        var live = LiveRows(state.configuration.resources)
        for resource in desired.resources {
            let row = live.take(resource.id)
            if let change = Self.change(to: resource, from: row, isVerified: state.isVerified) {
                changes.append(change)
            } else {
                unchanged += 1
            }
        }
        deletions = live.rest.map(Self.deletion)
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
        if !isUntouched { notes.append(driftNote) }
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

    private static let driftNote = "the live form was changed by hand since it was applied"
}

extension LiveResource {
    /// Whether the text is the one whose digest was stored when it was applied.
    fileprivate var hasAppliedForm: Bool { ResourceDigest(of: canonical).hex == digest }
}
