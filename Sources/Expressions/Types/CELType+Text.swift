extension CELType: CustomStringConvertible {
    /// The type in the notation of signatures: `list(int)`, `map(string, dyn)`, `optional_type(string)`.
    package var description: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .timestamp: "timestamp"
        case .duration: "duration"
        case .dyn: "dyn"
        case .secret: "secret"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .record(let record): record.name
        case .optional(let value): "optional_type(\(value))"
        case .type(let type): type.map { "type(\($0))" } ?? "type"
        case .wrapper(let type): "wrapper(\(type))"
        case .parameter(let name): "$" + name
        case .abstract(let name, let parameters):
            parameters.isEmpty ? name : "\(name)(\(parameters.map(\.description).joined(separator: ", ")))"
        case .error: "error"
        }
    }

    /// Reads the notation of `description`; `$A` is a type parameter. nil when it is malformed.
    package init?(_ text: String) {
        var reader = TypeReader(text)
        guard let type = reader.type(), reader.atEnd else { return nil }
        self = type
    }
}
