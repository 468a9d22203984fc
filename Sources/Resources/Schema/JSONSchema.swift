package import JSON

/// JSON Schema (draft 2020-12) for editors, made from the description of the fields. Fields that are only planned are
/// left out.
package enum JSONSchema {
    private static let draft: JSONValue = "https://json-schema.org/draft/2020-12/schema"

    /// The schema of one kind's documents.
    package static func schema(of kind: ResourceKind) -> JSONValue {
        schema(of: kind, includesPlanned: false)
    }

    /// - Parameter includesPlanned: for tests of descriptions that run ahead of their behaviour.
    static func schema(of kind: ResourceKind, includesPlanned: Bool) -> JSONValue {
        var writer = Writer(includesPlanned: includesPlanned)
        var schema: JSONObject = ["$schema": draft, "title": .string(kind.rawValue)]
        for (key, value) in writer.document(KindSchema.of(kind)) { schema[key] = value }
        if !writer.definitions.isEmpty { schema["$defs"] = .object(writer.definitions.sorted) }
        return .object(schema)
    }

    /// The schema of any document: editors apply it to every file of the repository.
    package static func union() -> JSONValue {
        var writer = Writer(includesPlanned: false)
        let kinds = ResourceKind.allCases.filter { KindSchema.of($0).availability == .available }
        let branches = kinds.map { kind -> JSONValue in
            writer.definitions[kind.rawValue] = .object(writer.document(KindSchema.of(kind)))
            return [
                "if": ["properties": ["kind": ["const": .string(kind.rawValue)]]],
                "then": ["$ref": .string("#/$defs/\(kind.rawValue)")],
            ]
        }
        return [
            "$schema": draft,
            "title": "zentra-sync resource",
            "type": "object",
            "required": ["apiVersion", "kind", "metadata", "spec"],
            "properties": ["kind": ["enum": .array(kinds.map { .string($0.rawValue) })]],
            "allOf": .array(branches),
            "$defs": .object(writer.definitions.sorted),
        ]
    }

    /// Writes types, and collects the definitions they refer to.
    struct Writer {
        let includesPlanned: Bool
        var definitions: JSONObject = [:]

        init(includesPlanned: Bool) { self.includesPlanned = includesPlanned }

        func isAvailable(_ availability: Availability) -> Bool {
            includesPlanned || availability == .available
        }

        mutating func document(_ kind: KindSchema) -> JSONObject {
            for name in kind.definitions.keys.sorted() where definitions[name] == nil {
                definitions[name] = object(kind.definitions[name]!)
            }
            return [
                "description": .string(kind.doc),
                "type": "object",
                "required": ["apiVersion", "kind", "metadata", "spec"],
                "additionalProperties": false,
                "properties": [
                    "apiVersion": ["const": .string(ResourceKind.apiVersion)],
                    "kind": ["const": .string(kind.kind.rawValue)],
                    "metadata": object(KindSchema.metadata),
                    "spec": object(kind.spec),
                ],
            ]
        }

        mutating func object(_ schema: ObjectSchema) -> JSONValue {
            var properties: JSONObject = [:]
            let fields = schema.fields.filter { isAvailable($0.availability) }
            for field in fields { properties[field.name] = property(field) }
            var value: JSONObject = [
                "type": "object", "additionalProperties": false, "properties": .object(properties),
            ]
            let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { value["required"] = .array(required) }
            let rules = schema.rules.flatMap { self.rule($0, schema) }
            if !rules.isEmpty { value["allOf"] = .array(rules) }
            return .object(value)
        }

        private mutating func property(_ field: Field) -> JSONValue {
            guard case .object(var value) = type(field.type) else { return true }
            value["description"] = .string(field.doc)
            if let byDefault = field.defaultValue { value["default"] = byDefault }
            return .object(value)
        }
    }
}
