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
