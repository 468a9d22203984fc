import JSON
import Resources

/// The declared type of a place in a canonical form, followed along keys and elements.
///
/// By it a reference to a secret is known as one, rather than by how its text looks.
struct FieldTypes {
    private let types: [FieldType]
    private let definitions: [String: ObjectSchema]

    private init(_ types: [FieldType], _ definitions: [String: ObjectSchema]) {
        self.types = types.flatMap { Self.alternatives($0, definitions) }
        self.definitions = definitions
    }

    /// The canonical form of a kind; nothing is known of one of another release.
    init(ofKind kind: String) {
        guard let kind = ResourceKind(rawValue: kind) else {
            self.init([], [:])
            return
        }
        let schema = KindSchema.of(kind)
        let root = ObjectSchema([
            Field("metadata", .object(KindSchema.metadata), ""), Field("spec", .object(schema.spec), ""),
        ])
        self.init([.object(root)], schema.definitions)
    }

    func member(_ key: String) -> FieldTypes {
        FieldTypes(
            types.compactMap { type in
                switch type {
                case .object(let schema): schema.field(key)?.type
                case .map(_, let value, _): value
                default: nil
                }
            }, definitions)
    }

    var element: FieldTypes {
        FieldTypes(
            types.compactMap { type in
                if case .list(let element, _) = type { element } else { nil }
            }, definitions)
    }

    /// Whether a string here is the name of a secret.
    var isSecretReference: Bool {
        types.contains { type in
            if case .reference(.secretReference) = type { true } else { false }
        }
    }

    /// The value as it is shown.
    func shown(_ value: JSONValue) -> JSONValue {
        guard !types.isEmpty else { return value }
        switch value {
        case .string(let name): return isSecretReference ? .string("secret:\(name)") : value
        case .array(let elements): return .array(elements.map(element.shown))
        case .object(let members):
            return .object(JSONObject(members.map { ($0.key, member($0.key).shown($0.value)) }))
        default: return value
        }
    }

    private static func alternatives(_ type: FieldType, _ definitions: [String: ObjectSchema]) -> [FieldType]
    {
        switch type {
        case .union(let types): types.flatMap { alternatives($0, definitions) }
        case .nullable(let type): alternatives(type, definitions)
        case .definition(let name): definitions[name].map { [.object($0)] } ?? []
        default: [type]
        }
    }
}
