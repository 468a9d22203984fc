/// Collects the diagnostics of a document or a file, and adds to each the line that it is about.
package struct DiagnosticSink {
    /// The files that spans refer to.
    let sources: [SourceFile]
    private(set) var diagnostics: [Diagnostic] = []

    /// Beyond it nothing more is said about a file: it is not the file that its author thinks it is.
    static let limit = 200

    init(_ sources: [SourceFile]) { self.sources = sources }

    var isFull: Bool { diagnostics.count >= Self.limit }
    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Whether something was reported that keeps documents from being seen.
    var hidesDocuments: Bool { diagnostics.contains { $0.code.hidesDocuments } }

    /// - Parameter isSensitive: whether the line may hold a secret, so that it must not be shown.
    mutating func add(
        _ code: DiagnosticCode, _ message: String, at span: Span, hint: String? = nil,
        severity: Diagnostic.Severity = .error, isSensitive: Bool = false
    ) {
        // A dropped error would make what it is about valid.
        guard !isFull || (severity == .error && !hasErrors) else { return }
        let source = sources[Int(span.source)]
        let line = source.line(Int(span.start.line))
        let column = Int(span.start.column)
        let end = span.end.line == span.start.line ? Int(span.end.column) : line.unicodeScalars.count + 1
        diagnostics.append(
            Diagnostic(
                code, message,
                at: SourcePosition(file: source.path, line: Int(span.start.line), column: column),
                length: end - column, hint: hint, excerpt: isSensitive ? nil : line, severity: severity))
    }

    /// A diagnostic at a single place.
    mutating func add(
        _ code: DiagnosticCode, _ message: String, at mark: Mark, source: Int32 = 0, hint: String? = nil,
        severity: Diagnostic.Severity = .error
    ) {
        add(code, message, at: Span(start: mark, end: mark, source: source), hint: hint, severity: severity)
    }
}
