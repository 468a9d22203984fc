import JSON

/// Which secrets a canonical form refers to, by the types of its fields.
enum SecretUses {
    /// What each of them is for; sorted by name.
    static func names(in canonical: String, kind: String) throws -> [(name: String, isNeeded: Bool)] {
        var uses: [String: Bool] = [:]
        collect(try JSONValue(parsing: canonical), FieldTypes(ofKind: kind), isNeeded: true, into: &uses)
        return uses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The secret before a rotation may be gone already: what refers to it goes on with the present one.
    private static let spare = "previousSecretRef"

    private static func collect(
        _ value: JSONValue, _ types: FieldTypes, isNeeded: Bool, into uses: inout [String: Bool]
    ) {
        switch value {
        case .string(let name):
            if types.isSecretReference { uses[name] = isNeeded || uses[name] == true }
        case .array(let elements):
            for element in elements { collect(element, types.element, isNeeded: isNeeded, into: &uses) }
        case .object(let members):
            for (key, member) in members {
                collect(member, types.member(key), isNeeded: isNeeded && key != spare, into: &uses)
            }
        default: break
        }
    }
}
