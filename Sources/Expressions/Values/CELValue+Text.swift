extension CELValue: CustomStringConvertible {
    /// The value as CEL would write it, for people; a secret is `<redacted>`.
    package var description: String {
        switch self {
        case .null: "null"
        case .uint(let value): "\(value)u"
        case .double(let value):
            value == value.rounded() && value.magnitude < 1e15 ? "\(value)" : Self.text(value)
        case .string(let text): Self.quoted(text)
        case .bytes(let bytes): "b'" + bytes.map { Self.escaped($0) }.joined() + "'"
        case .list(let list):
            "[" + (0..<list.count).map { list[$0].description }.joined(separator: ", ") + "]"
        case .map(let map): "{" + (0..<map.count).map { Self.entry(map[$0]) }.joined(separator: ", ") + "}"
        case .timestamp(let time): "timestamp('\(time)')"
        case .duration(let duration): "duration('\(duration)')"
        case .type(let name): name.text
        case .optional(let optional): optional.value.map { "optional.of(\($0))" } ?? "optional.none()"
        case .secret(let secret): secret.description
        case .omitted: "omit()"
        case .bool, .int: scalarText ?? ""
        }
    }

    private static func entry(_ entry: (key: CELValue, value: CELValue)) -> String {
        "\(entry.key): \(entry.value)"
    }

    private static func quoted(_ text: String) -> String {
        var result = "'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": result += "\\'"
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "'"
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
        case 0x20...0x7E: String(UnicodeScalar(byte))
        default: "\\x" + Hexadecimal.encode([byte])
        }
    }
}
