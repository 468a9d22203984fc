import Reconciler
import Resources
import Runtime

/// Says of a secret reference that points elsewhere whether its value changes.
struct RotationNotes {
    /// A reference that would point elsewhere.
    struct Reference: Sendable {
        let name: String
        let source: SecretReferenceSpec.Source
        fileprivate let index: Int
    }

    let references: [Reference]

    init(_ plan: Plan) throws {
        references = try plan.changes.indices.compactMap { index in
            let change = plan.changes[index]
            guard change.kind == "SecretReference", change.action == .update, let desired = change.desired,
                change.fields.contains(where: { $0.path.hasPrefix("spec.from") }),
                case .secretReference(let spec) = try Resource(canonical: desired.canonical).spec
            else { return nil }
            return Reference(name: change.name, source: spec.source, index: index)
        }
    }

    /// The plan with a note at each reference.
    ///
    /// - Parameter rotations: in the order of the references.
    func noting(_ plan: Plan, _ rotations: [SecretRotation], place: String) -> Plan {
        var plan = plan
        for (reference, rotation) in zip(references, rotations) {
            plan.changes[reference.index].notes.append(Self.note(rotation, place))
        }
        return plan
    }

    private static func note(_ rotation: SecretRotation, _ place: String) -> String {
        switch rotation {
        case .unknown: "whether its value changes is not known: no sidecar has read it yet"
        case .unreadable(let problem): "its new value cannot be read \(place): \(problem)"
        case .stays: "its value stays the same"
        case .rotates: "its value will rotate"
        }
    }
}
