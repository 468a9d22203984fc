/// A value of CEL.
///
/// Parsed JSON is a value as it is (`init(_: JSONValue)`): its lists and maps are looked into where they lie and
/// converted element by element, only when an expression asks.
package enum CELValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    /// Compared and measured by Unicode scalars, never by canonical equivalence.
    case string(String)
    case bytes([UInt8])
    case list(CELList)
    case map(CELMap)
    case timestamp(Timestamp)
    case duration(CELDuration)
    case type(TypeName)
    case optional(CELOptional)
    case secret(SecretText)
    /// What `omit()` returns: the place in a template is left out.
    case omitted

    /// The name of a type, as `type(x)` returns it.
    package struct TypeName: Sendable, Hashable {
        package let text: String

        package init(_ text: String) { self.text = text }
    }

    /// A value that may be absent.
    package struct CELOptional: Sendable {
        /// Holds at most one element; an array is the box that breaks the recursion.
        private let content: [CELValue]

        package static let none = CELOptional(content: [])

        private init(content: [CELValue]) { self.content = content }

        package init(_ value: CELValue) { content = [value] }

        package var value: CELValue? { content.first }
    }
}

extension CELValue {
    /// The name of the value's type.
    package var typeName: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .type: "type"
        case .optional: "optional_type"
        case .secret: "secret"
        case .omitted: "omitted"
        }
    }

    /// A list of values.
    package static func list(_ elements: [CELValue]) -> CELValue { .list(.values(elements)) }

    /// A map with string keys, such as a variable with fields; a later field replaces an earlier one.
    package static func record(_ fields: KeyValuePairs<String, CELValue>) -> CELValue {
        record(fields.map { ($0, $1) })
    }

    /// The same, of any number of fields.
    package static func record(_ fields: [(name: String, value: CELValue)]) -> CELValue {
        var builder = MapBuilder()
        for (name, value) in fields { builder.set(name, value) }
        return .map(builder.map)
    }
}
