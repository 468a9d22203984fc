internal import Expressions
internal import Synchronization

/// Compiles expressions for their problems, and keeps what it found: repositories repeat themselves.
final class ExpressionCompiler: Sendable {
    private struct Key: Hashable {
        let context: ExpressionContext
        let form: ExpressionUse.Form
        let text: String
    }

    private struct State {
        var declarations: [ExpressionContext: Declarations] = [:]
        var findings: [Key: ExpressionChecker.Findings] = [:]
    }

    /// Entries after which it forgets what it knew.
    private static let limit = 10_000

    private let state = Mutex(State())

    func findings(for use: ExpressionUse, in context: ExpressionContext) -> ExpressionChecker.Findings {
        let key = Key(context: context, form: use.form, text: use.text)
        let (known, declarations) = state.withLock { ($0.findings[key], $0.declarations[context]) }
        if let known { return known }
        let environment = declarations ?? context.declarations
        let findings = compile(use, context, environment)
        state.withLock { state in
            if state.findings.count >= Self.limit { state = State() }
            state.declarations[context] = environment
            state.findings[key] = findings
        }
        return findings
    }

    private func compile(
        _ use: ExpressionUse, _ context: ExpressionContext, _ declarations: Declarations
    ) -> ExpressionChecker.Findings {
        do throws(CompilationError) {
            let (programs, problems) = try Self.programs(use, declarations)
            var findings = ExpressionChecker.Findings(problems)
            for (program, start) in programs {
                findings.problems += program.warnings.map { Self.problem($0.moved(by: start)) }
                findings.problems += FieldAdvice(context.event).problems(of: program, at: start)
                findings.secrets += program.secretUses.map {
                    ExpressionChecker.SecretUse(
                        name: $0.path[0], offset: $0.range.lowerBound + start, length: $0.range.count)
                }
            }
            return findings
        } catch {
            return ExpressionChecker.Findings(error.diagnostics.map(Self.problem))
        }
    }

    /// The programs of a field, and what is wrong with them as a whole.
    private static func programs(
        _ use: ExpressionUse, _ declarations: Declarations
    ) throws(CompilationError) -> (programs: [(Program, start: Int)], [ExpressionChecker.Problem]) {
        switch use.form {
        case .condition: return ([(try Program.compile(use.text, in: declarations, expecting: .bool), 0)], [])
        case .value(let result):
            let program = try Program.compile(use.text, in: declarations)
            return ([(program, 0)], result.problems(of: program))
        case .template:
            let template = try TextTemplate.compile(use.text, in: declarations)
            let problems = use.scope == .workflowURL ? RequestURLTemplate(template).problems : []
            return (template.programs, problems)
        }
    }

    private static func problem(_ diagnostic: Expressions.Diagnostic) -> ExpressionChecker.Problem {
        let code: DiagnosticCode =
            switch diagnostic.code {
            case .templateInCondition: .templateInCondition
            case .cost: .expensiveExpression
            case .optionalField: .doubtfulField
            case .unavailable: .outOfScope
            case .secret: .exposedSecret
            default: .invalidExpression
            }
        return ExpressionChecker.Problem(
            offset: diagnostic.range.lowerBound, length: max(1, diagnostic.range.count), code: code,
            message: diagnostic.message, hint: diagnostic.hint,
            severity: diagnostic.severity == .error ? .error : .warning)
    }
}

extension ExpressionResult {
    /// What is wrong with what a program yields; a type that is only known when it runs may be right.
    func problems(of program: Program) -> [ExpressionChecker.Problem] {
        guard let (message, hint) = mismatch(program.resultType) else { return [] }
        let length = program.source.unicodeScalars.count
        return [ExpressionChecker.Problem(offset: 0, length: length, message: message, hint: hint)]
    }

    private func mismatch(_ type: CELType) -> (String, String?)? {
        switch (self, type) {
        case (_, .dyn), (.any, _): nil
        case (.key, .list), (.key, .map), (.key, .record), (.key, .type), (.key, .bytes):
            (
                "a key is a string, a number or a bool, not `\(type)`",
                "take one field of it, or join several texts with `+`"
            )
        case (.key, _), (.list, .list), (.time, .timestamp), (.time, .string): nil
        case (.list, .optional), (.list, .wrapper), (.time, .optional), (.time, .wrapper): nil
        case (.list, _): ("`items` is a list, not `\(type)`", nil)
        case (.time, .duration):
            ("this is a length of time, not a moment", "write `event.ts + duration('1h')`, or use `for`")
        case (.time, _): ("a time or its text is needed, not `\(type)`", nil)
        }
    }
}
