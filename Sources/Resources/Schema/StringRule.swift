/// A form of strings: a name for messages, a regular expression for editors, and the check itself.
package struct StringRule: Sendable {
    /// "must be …"
    package let form: String
    /// ECMA 262, for the JSON Schema; nil when an expression would not help.
    package let pattern: String?
    /// What to write instead of a text that is not accepted.
    let hint: @Sendable (String) -> String?
    package let accepts: @Sendable (String) -> Bool

    init(
        _ form: String, pattern: String? = nil, hint: @escaping @Sendable (String) -> String? = { _ in nil },
        accepts: @escaping @Sendable (String) -> Bool
    ) {
        self.form = form
        self.pattern = pattern
        self.hint = hint
        self.accepts = accepts
    }
}

extension StringRule {
    package static let any = StringRule("a string") { _ in true }
    package static let nonEmpty = StringRule("a string that is not empty", pattern: "^[^\\u0000]+$") {
        !$0.isEmpty && !$0.utf8.contains(0)
    }
    package static let name = StringRule(
        "lower-case letters, digits and inner hyphens, at most 63", pattern: ResourceID.namePattern
    ) { ResourceID.isName($0) }
    package static let labelKey = StringRule(
        "letters, digits, `-`, `_`, `.` and `/`, at most 253",
        pattern: "^[A-Za-z0-9]([A-Za-z0-9._/-]{0,251}[A-Za-z0-9])?$"
    ) { text in
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._/-".utf8.contains($0) }
            && isAlphanumeric(text.utf8.first!) && isAlphanumeric(text.utf8.last!)
    }
    package static let labelValue = StringRule(
        "at most 1024 bytes without line breaks", pattern: "^[^\\r\\n]*$"
    ) {
        $0.utf8.count <= 1_024 && !$0.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }
    }
    /// POSIX: the names that a shell can set.
    package static let environmentVariable = StringRule(
        "the name of an environment variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$"
    ) { isIdentifier($0) }
    package static let absolutePath = StringRule(
        "an absolute path without `..`", pattern: "^/(?!.*(^|/)\\.\\.(/|$)).+"
    ) { path in
        path.hasPrefix("/") && path.count > 1 && !path.utf8.contains(0)
            && !path.split(separator: "/").contains("..")
    }
    /// A field name of RFC 9110 (token).
    package static let headerName = StringRule(
        "an HTTP header name", pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
    ) { text in
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
    }
    /// A name that an expression can use after a dot; CEL's reserved words are none.
    package static let identifier = StringRule(
        "a CEL identifier: letters, digits and `_`, not a reserved word", pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
        hint: { text in
            text.contains("-")
                ? "an expression reads a hyphen as a minus: write `\(text.replacing("-", with: "_"))`" : nil
        }
    ) { isIdentifier($0) && !reservedWords.contains($0) }
    package static let recordKey = StringRule(
        "`type/id` or `type/field=value`, such as `ticket/tkt_1` or `ticket/external_key=am-7`",
        pattern: "^(\(RecordType.allCases.map(\.rawValue).joined(separator: "|")))/.+$"
    ) { TestRecordKey($0) != nil }
    package static let cron = StringRule("a cron expression of five fields") { CronExpression($0) != nil }
    package static let timeZone = StringRule(
        "a time zone such as `Europe/Berlin`", pattern: "^[A-Za-z][A-Za-z0-9_+/-]*$",
        hint: { TimeZoneDatabase.hint(for: $0) }
    ) { text in
        !text.isEmpty && text.utf8.count <= 64 && text.first!.isLetter && !text.hasSuffix("/")
            && text.utf8.allSatisfy { isAlphanumeric($0) || "_+/-".utf8.contains($0) }
            && TimeZoneDatabase.contains(text)
    }

    private static let reservedWords: Set<String> = [
        "false", "in", "null", "true", "as", "break", "const", "continue", "else", "for", "function", "if",
        "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
    }
}
