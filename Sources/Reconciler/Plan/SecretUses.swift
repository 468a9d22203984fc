import JSON

/// Which secrets a canonical form refers to, by the types of its fields.
enum SecretUses {
    /// Sorted names.
    static func names(in canonical: String, kind: String) throws -> [String] {
        var names: Set<String> = []
        collect(try JSONValue(parsing: canonical), FieldTypes(ofKind: kind), into: &names)
        return names.sorted()
    }

    private static func collect(_ value: JSONValue, _ types: FieldTypes, into names: inout Set<String>) {
        switch value {
        case .string(let name): if types.isSecretReference { names.insert(name) }
        case .array(let elements): for element in elements { collect(element, types.element, into: &names) }
        case .object(let members):
            for (key, member) in members { collect(member, types.member(key), into: &names) }
        default: break
        }
    }
}
