/// Something about what the user wrote: collected, never thrown.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Comparable {
        case error
        case warning

        package static func < (left: Severity, right: Severity) -> Bool {
            left == .error && right == .warning
        }
    }

    package let severity: Severity
    package let code: DiagnosticCode
    /// What is wrong, in one line; literals in backticks, no full stop.
    package let message: String
    package let position: SourcePosition
    /// Unicode scalars to mark from `position`, at least one, within the line.
    package let length: Int
    /// What to do about it.
    package let hint: String?
    /// The line of the file that `position` names.
    package let excerpt: String?

    package init(
        _ code: DiagnosticCode, _ message: String, at position: SourcePosition, length: Int = 1,
        hint: String? = nil,
        excerpt: String? = nil, severity: Severity = .error
    ) {
        self.severity = severity
        self.code = code
        self.message = Self.bounded(message)
        self.position = position
        self.length = max(1, length)
        self.hint = hint.map(Self.bounded)
        self.excerpt = excerpt
    }

    /// Messages quote what the user wrote, which may be long and hold anything.
    private static func bounded(_ text: String) -> String {
        let limit = 400
        let line = Printable.line(text)
        return line.utf8.count <= limit ? line : line.prefix(limit) + "…"
    }
}

extension Diagnostic: Comparable {
    /// The order in which diagnostics are shown: file, line, column; then by code and text, so that it is fixed.
    package static func < (left: Diagnostic, right: Diagnostic) -> Bool {
        guard left.position == right.position else { return left.position < right.position }
        return (left.severity, left.code.rawValue, left.message) < (
            right.severity, right.code.rawValue, right.message
        )
    }
}
