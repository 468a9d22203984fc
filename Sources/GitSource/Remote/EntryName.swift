/// Which names of files and folders are taken from a repository.
enum EntryName {
    /// False for what could lead out of the folder, pretend to be git's own, or disturb a terminal.
    static func isSafe(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != "..", name.lowercased() != ".git" else { return false }
        return !name.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.isControl }
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the format characters that reorder or hide text.
    fileprivate var isControl: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension String {
    /// The same text with control characters escaped, for messages.
    var printable: String {
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isControl {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
