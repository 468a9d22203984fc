import Reconciler
import Resources
import Runtime
import Store

/// Says of a secret reference that points elsewhere whether its value changes: by keyed fingerprints, never by the value.
struct RotationNotes {
    private let reader: SecretReader
    private let key: StateKey
    private let fingerprints: [String: String]

    /// - Parameter statuses: what the sidecar knows of the live references.
    init(reader: SecretReader, key: StateKey, statuses: [SecretStatus]) {
        self.reader = reader
        self.key = key
        fingerprints = Dictionary(
            statuses.compactMap { status in status.fingerprint.map { (status.name, $0) } }
        ) { first, _ in first }
    }

    /// The plan with a note at each reference that points elsewhere.
    func noting(_ plan: Plan) throws -> Plan {
        var plan = plan
        for index in plan.changes.indices where plan.changes[index].kind == "SecretReference" {
            let change = plan.changes[index]
            guard change.action == .update, let desired = change.desired,
                change.fields.contains(where: { $0.path.hasPrefix("spec.from") }),
                case .secretReference(let spec) = try Resource(canonical: desired.canonical).spec
            else { continue }
            plan.changes[index].notes.append(note(change.name, spec))
        }
        return plan
    }

    private func note(_ name: String, _ spec: SecretReferenceSpec) -> String {
        guard let before = fingerprints[name] else {
            return "whether its value changes is not known: no sidecar has read it yet"
        }
        switch reader.read(spec.source) {
        case .failure(let problem): return "its new value cannot be read here: \(problem)"
        case .success(let value):
            return value.fingerprint(key: key.bytes) == before
                ? "its value stays the same" : "its value will rotate"
        }
    }
}
