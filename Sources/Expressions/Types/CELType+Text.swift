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

/// Reads types and signatures; blanks do not matter.
struct TypeReader {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    var atEnd: Bool {
        mutating get {
            skipBlanks()
            return rest.isEmpty
        }
    }

    mutating func take(_ text: String) -> Bool {
        skipBlanks()
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest.removeFirst(text.unicodeScalars.count)
        return true
    }

    /// A name with dots and operators' characters, as in `math.ceil` or `_+_`.
    mutating func name() -> String {
        skipBlanks()
        let name = rest.prefix { !"(), ".unicodeScalars.contains($0) }
        rest.removeFirst(name.count)
        return String(Substring(name))
    }

    mutating func type() -> CELType? {
        let name = name()
        guard !name.isEmpty else { return nil }
        if name.hasPrefix("$") { return .parameter(String(name.dropFirst())) }
        var parameters: [CELType] = []
        if take("(") {
            repeat {
                guard let parameter = type() else { return nil }
                parameters.append(parameter)
            } while take(",")
            guard take(")") else { return nil }
        }
        return Self.type(name, parameters)
    }

    private static let scalars: [String: CELType] = [
        "null_type": .null, "null": .null, "bool": .bool, "int": .int, "uint": .uint, "double": .double,
        "string": .string, "bytes": .bytes, "timestamp": .timestamp, "duration": .duration, "dyn": .dyn,
        "secret": .secret, "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration,
        "type": .type(nil), "list": .list(.dyn), "map": .map(.dyn, .dyn),
    ]

    private static func type(_ name: String, _ parameters: [CELType]) -> CELType {
        switch (name, parameters.count) {
        case ("list", 1): .list(parameters[0])
        case ("map", 2): .map(parameters[0], parameters[1])
        case ("optional_type", 1), ("optional", 1): .optional(parameters[0])
        case ("type", 1): .type(parameters[0])
        case ("wrapper", 1): .wrapper(parameters[0])
        case (_, 0): scalars[name] ?? .abstract(name, [])
        default: .abstract(name, parameters)
        }
    }

    private mutating func skipBlanks() {
        while let first = rest.first, first == " " { rest.removeFirst() }
    }
}
