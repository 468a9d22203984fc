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
            let programs = try Self.programs(use, declarations)
            var findings = ExpressionChecker.Findings()
            for (program, start) in programs {
                findings.problems += program.warnings.map { Self.problem($0.moved(by: start)) }
                findings.problems += FieldAdvice(context.event).problems(of: program, at: start)
                if use.scope.isKey { findings.problems += Self.keyProblems(of: program) }
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

    private static func programs(
        _ use: ExpressionUse, _ declarations: Declarations
    ) throws(CompilationError) -> [(program: Program, start: Int)] {
        switch use.form {
        case .condition: [(try Program.compile(use.text, in: declarations, expecting: .bool), 0)]
        case .value: [(try Program.compile(use.text, in: declarations), 0)]
        case .template: try TextTemplate.compile(use.text, in: declarations).programs
        }
    }

    private static func problem(_ diagnostic: Expressions.Diagnostic) -> ExpressionChecker.Problem {
        let code: DiagnosticCode =
            switch diagnostic.code {
            case .templateInCondition: .templateInCondition
            case .cost: .expensiveExpression
            case .optionalField: .doubtfulField
            default: .invalidExpression
            }
        return ExpressionChecker.Problem(
            offset: diagnostic.range.lowerBound, length: max(1, diagnostic.range.count), code: code,
            message: diagnostic.message, hint: diagnostic.hint,
            severity: diagnostic.severity == .error ? .error : .warning)
    }

    /// A key is compared as a text; lists and maps have no one text.
    private static func keyProblems(of program: Program) -> [ExpressionChecker.Problem] {
        switch program.resultType {
        case .list, .map, .record, .type, .bytes:
            [
                ExpressionChecker.Problem(
                    offset: 0, length: program.source.unicodeScalars.count,
                    message: "a key is a string, a number or a bool, not `\(program.resultType)`",
                    hint: "take one field of it, or join several texts with `+`")
            ]
        default: []
        }
    }
}

extension ExpressionScope {
    /// Whether bare expressions there are keys.
    fileprivate var isKey: Bool { self == .subscriptionOrderKey || self == .inbound }
}
