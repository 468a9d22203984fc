/// The pass over the expressions of a resource; compiles each one in its scope.
///
/// The loader runs it once for each changed document, after everything else about the document is valid.
package struct ExpressionChecker: Sendable {
    /// Something about an expression.
    package struct Problem: Sendable {
        /// In Unicode scalars from the beginning of ``ExpressionUse/text``.
        package let offset: Int
        package let length: Int
        package let code: DiagnosticCode
        package let message: String
        package let hint: String?
        package let severity: Diagnostic.Severity

        package init(
            offset: Int, length: Int = 1, code: DiagnosticCode = .invalidExpression, message: String,
            hint: String? = nil,
            severity: Diagnostic.Severity = .error
        ) {
            self.offset = offset
            self.length = length
            self.code = code
            self.message = message
            self.hint = hint
            self.severity = severity
        }
    }

    private let problems: @Sendable (ExpressionUse, Resource) -> [Problem]

    package init(_ problems: @escaping @Sendable (ExpressionUse, Resource) -> [Problem]) {
        self.problems = problems
    }

    /// Accepts every expression.
    package static let none = ExpressionChecker { _, _ in [] }

    func check(_ uses: [ExpressionUse], of resource: Resource, into sink: inout DiagnosticSink) {
        for use in uses {
            for problem in problems(use, resource) {
                let places = ScalarPositions(
                    use.text, style: use.style, span: use.span, source: sink.sources[Int(use.span.source)])
                sink.add(
                    problem.code, problem.message,
                    at: places.span(offset: problem.offset, length: problem.length),
                    hint: problem.hint, severity: problem.severity)
            }
        }
    }
}
