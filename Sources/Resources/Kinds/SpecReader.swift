internal import JSON

/// A typed spec that is made from the canonical form.
protocol SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError)
}

/// A canonical form that does not fit the description of its kind: it was written by another version or damaged.
package struct SpecError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Reads the fields of a mapping in the canonical form; absent ones have the default of their description.
struct SpecReader {
    let schema: ObjectSchema
    let members: JSONObject
    let definitions: [String: ObjectSchema]

    init(_ schema: ObjectSchema, _ members: JSONObject, definitions: [String: ObjectSchema] = [:]) {
        self.schema = schema
        self.members = members
        self.definitions = definitions
    }

    /// Whether the field was written.
    func has(_ name: String) -> Bool { members[name] != nil }

    /// The field's value or its default; an explicit null is nil.
    func value(_ name: String) -> JSONValue? {
        let value = members[name] ?? schema.field(name)?.defaultValue
        return value == .null ? nil : value
    }

    func string(_ name: String) throws(SpecError) -> String { try required(name, optionalString(name)) }
    func optionalString(_ name: String) throws(SpecError) -> String? { try optional(name, \.string) }
    func int(_ name: String) throws(SpecError) -> Int { try required(name, optional(name, \.int)) }
    func optionalInt(_ name: String) throws(SpecError) -> Int? { try optional(name, \.int) }
    func bool(_ name: String) throws(SpecError) -> Bool { try required(name, optional(name, \.bool)) }

    func double(_ name: String) throws(SpecError) -> Double {
        try required(name, optional(name) { $0.number?.double })
    }

    func strings(_ name: String) throws(SpecError) -> [String] {
        try array(name).map { (element) throws(SpecError) in try required(name, element.string) }
    }

    /// Empty when the field is absent.
    func array(_ name: String) throws(SpecError) -> [JSONValue] { try optional(name, \.array) ?? [] }

    func duration(_ name: String) throws(SpecError) -> Duration { try required(name, optionalDuration(name)) }
    func optionalDuration(_ name: String) throws(SpecError) -> Duration? {
        try optional(name) { $0.string.flatMap(Duration.init(configurationText:)) }
    }

    func byteCount(_ name: String) throws(SpecError) -> ByteCount {
        try required(name, optionalByteCount(name))
    }
    func optionalByteCount(_ name: String) throws(SpecError) -> ByteCount? {
        try optional(name) { $0.string.flatMap { ByteCount($0) } }
    }

    func optionalRate(_ name: String) throws(SpecError) -> Rate? {
        try optional(name) { $0.string.flatMap { Rate($0) } }
    }

    func enumeration<Value: RawRepresentable>(_ name: String) throws(SpecError) -> Value
    where Value.RawValue == String {
        try required(name, Value(rawValue: string(name)))
    }

    /// A nested mapping; an absent one reads as empty, so that its fields have their defaults.
    func object(_ name: String) throws(SpecError) -> SpecReader {
        try nested(name, members[name] ?? .object(JSONObject()))
    }

    func optionalObject(_ name: String) throws(SpecError) -> SpecReader? {
        guard let value = members[name] else { return nil }
        return try nested(name, value)
    }

    /// The mappings of a list.
    func objects(_ name: String) throws(SpecError) -> [SpecReader] {
        try array(name).map { (element) throws(SpecError) in try nested(name, element) }
    }

    func nested(_ name: String, _ value: JSONValue) throws(SpecError) -> SpecReader {
        guard let type = schema.field(name)?.type, let schema = objectSchema(of: type) else {
            preconditionFailure("the description of `\(name)` is not a mapping")
        }
        guard case .object(let members) = value else { throw SpecError("`\(name)` is not a mapping") }
        return SpecReader(schema, members, definitions: definitions)
    }

    private func objectSchema(of type: FieldType) -> ObjectSchema? {
        switch type {
        case .object(let schema): schema
        case .definition(let name): definitions[name]
        case .list(let element, _), .nullable(let element), .map(_, let element, _): objectSchema(of: element)
        case .union(let types): types.lazy.compactMap(objectSchema).first
        default: nil
        }
    }

    private func optional<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(SpecError) -> Value? {
        guard let value = value(name) else { return nil }
        return try required(name, read(value))
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(SpecError) -> Value {
        guard let value else { throw SpecError("`\(name)` is missing or has an unusable value") }
        return value
    }
}

extension JSONValue {
    var number: JSONNumber? {
        guard case .number(let number) = self else { return nil }
        return number
    }
}
