/// The pass over the expressions of a document: compiles each one where it stands.
///
/// The loader runs it once for each changed document, whatever else is wrong with it.
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

    /// A secret that an expression names.
    package struct SecretUse: Sendable {
        package let name: String
        package let offset: Int
        package let length: Int
    }

    /// What is to be said about one expression.
    package struct Findings: Sendable {
        package var problems: [Problem] = []
        package var secrets: [SecretUse] = []

        package init(_ problems: [Problem] = []) { self.problems = problems }
    }

    private let findings: @Sendable (ExpressionUse, ExpressionContext) -> Findings

    package init(_ findings: @escaping @Sendable (ExpressionUse, ExpressionContext) -> Findings) {
        self.findings = findings
    }

    /// Accepts every expression.
    package static let none = ExpressionChecker { _, _ in Findings() }

    /// Compiles every expression, each text once for each kind of place.
    package static var compiling: ExpressionChecker {
        let compiler = ExpressionCompiler()
        return ExpressionChecker { use, context in compiler.findings(for: use, in: context) }
    }

    /// Reports what is wrong with the expressions of a document; returns the secrets that they refer to.
    func check(_ uses: [ExpressionUse], of document: DocumentContext, into sink: inout DiagnosticSink)
        -> [ReferenceUse]
    {
        var references: [ReferenceUse] = []
        for use in uses {
            let findings = findings(use, document.context(of: use))
            guard !findings.problems.isEmpty || !findings.secrets.isEmpty else { continue }
            let places = ScalarPositions(
                use.text, style: use.style, span: use.span, source: sink.sources[Int(use.span.source)])
            for problem in findings.problems {
                sink.add(
                    problem.code, problem.message,
                    at: places.span(offset: problem.offset, length: problem.length),
                    hint: CommentCut.hint(for: problem, in: use, sink.sources) ?? problem.hint,
                    severity: problem.severity)
            }
            for secret in findings.secrets {
                references.append(
                    ReferenceUse(
                        target: ResourceID(.secretReference, secret.name), path: use.path,
                        span: places.span(offset: secret.offset, length: secret.length)))
            }
        }
        return references
    }
}
