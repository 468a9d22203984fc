import Mustache

/// How the pages write text that strangers chose: receivers, senders of mails, authors of commits.
///
/// By Unicode scalars, because a mark that combines with `<` or `"` hides those from anything that looks at characters.
/// What controls a terminal or turns the direction of text is shown as a number.
struct SafeHTML: MustacheContentType {
    /// The name under which templates choose it.
    static let name = "SAFE_HTML"

    /// Has to happen before the first template is read.
    static let isRegistered: Void = MustacheContentTypes.register(SafeHTML(), named: name)

    func escapeText(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": output += "&lt;".unicodeScalars
            case ">": output += "&gt;".unicodeScalars
            case "&": output += "&amp;".unicodeScalars
            case "\"": output += "&quot;".unicodeScalars
            case "'": output += "&#39;".unicodeScalars
            case "\n", "\t": output.append(scalar)
            default:
                if Self.isHarmful(scalar.value) {
                    output += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
                } else {
                    output.append(scalar)
                }
            }
        }
        return String(output)
    }

    private static func isHarmful(_ value: UInt32) -> Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}
