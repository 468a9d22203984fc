package import JSON

/// Canonical forms as YAML that reads back to the same.
package enum YAMLText {
    /// A document with its marker.
    package static func document(_ value: JSONValue) -> String {
        var text = "---\n"
        if case .object(let members) = value, !members.isEmpty {
            write(members, indent: 0, to: &text)
        } else {
            text += inline(value) + "\n"
        }
        return text
    }

    private static func write(_ members: JSONObject, indent: Int, to text: inout String) {
        for (key, value) in members {
            text += String(repeating: " ", count: indent) + scalar(key) + ":"
            write(value, indent: indent, to: &text)
        }
    }

    /// What follows a key or a dash.
    private static func write(_ value: JSONValue, indent: Int, to text: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            text += "\n"
            write(members, indent: indent + 2, to: &text)
        case .array(let elements) where !elements.isEmpty:
            if let line = list(elements, room: 90 - indent) {
                text += " \(line)\n"
            } else {
                text += "\n"
                for element in elements {
                    text += String(repeating: " ", count: indent + 2) + "-"
                    write(element, indent: indent + 2, to: &text)
                }
            }
        default: text += " \(inline(value))\n"
        }
    }

    /// A short list of scalars on one line; nil for any other.
    private static func list(_ elements: [JSONValue], room: Int) -> String? {
        let isPlain = elements.allSatisfy { element in
            switch element {
            case .object, .array: false
            default: true
            }
        }
        guard isPlain else { return nil }
        let line = "[" + elements.map(inline).joined(separator: ", ") + "]"
        return line.count <= room ? line : nil
    }

    private static func inline(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .object: "{}"
        case .array: "[]"
        default: value.text
        }
    }

    /// A plain scalar where every reader of YAML sees the same string in it, else a double-quoted one.
    private static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// Words that YAML 1.1 or 1.2 reads as something else.
    private static let reserved: Set<String> = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), !reserved.contains(text.lowercased()) else {
            return false
        }
        return text.utf8.allSatisfy { isLetter($0) || 0x30...0x39 ~= $0 || "_.-/".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }

    /// YAML 1.2.2, section 7.3.1; what is not printable (section 5.1) is escaped.
    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                if isPrintable(scalar.value) {
                    output.unicodeScalars.append(scalar)
                } else {
                    output += escape(scalar.value)
                }
            }
        }
        return output + "\""
    }

    private static func isPrintable(_ value: UInt32) -> Bool {
        switch value {
        case 0x20...0x7E, 0xA0...0x1FFF, 0x2010...0x2027, 0x2030...0x205F, 0x2070...0xD7FF, 0xE000...0xFEFE,
            0xFF00...0xFFFD, 0x10000...0x10FFFF:
            true
        default: false
        }
    }

    private static func escape(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        func padded(_ width: Int) -> String { String(repeating: "0", count: width - digits.count) + digits }
        return switch value {
        case ...0xFF: "\\x" + padded(2)
        case ...0xFFFF: "\\u" + padded(4)
        default: "\\U" + padded(8)
        }
    }
}
