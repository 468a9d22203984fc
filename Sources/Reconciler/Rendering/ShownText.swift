import JSON

/// Text of the repository made fit for a terminal, a log or a comment: one line, nothing that controls or reorders.
package enum ShownText {
    package static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isHarmful(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    /// The beginning of a text that may be of any length.
    package static func short(_ text: String) -> String { text.count <= 120 ? text : text.prefix(119) + "…" }

    /// A value as JSON.
    static func value(_ value: JSONValue) -> String { line(value.text) }

    /// An element of a list: a plain word without quotes.
    static func element(_ value: JSONValue) -> String {
        guard let text = value.string, !text.isEmpty,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" && $0 != "\\" })
        else { return self.value(value) }
        return text
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}

extension String {
    /// Filled with spaces to a width; longer text stays as it is.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
}
