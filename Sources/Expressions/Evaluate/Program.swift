/// A compiled expression: immutable, and safe to evaluate from any number of threads at once.
package struct Program: Sendable {
    package let source: String
    /// What the checker deduced; `dyn` where only the values tell.
    package let resultType: CELType
    /// The variables and fields that the expression uses.
    package let references: [Reference]
    /// Each use of a secret; its path is the secret's name.
    package let secretUses: [Reference]
    /// What does not keep the program from running, such as an estimate beyond the limit of cost.
    package let warnings: [Diagnostic]
    /// Units of cost of the most expensive evaluation, as far as the types tell.
    package let estimatedCost: Int

    let root: Node
    /// How many local variables its macros need at once.
    let localCount: Int
    private let declarations: Declarations

    /// Parses, checks and plans.
    ///
    /// - Parameter expected: the type that the result must have; nil for any.
    /// - Throws: every problem that was found.
    package static func compile(
        _ source: String, in declarations: Declarations, expecting expected: CELType? = nil
    ) throws(CompilationError) -> Program {
        let checked = try check(source, in: declarations, expecting: expected)
        return Program(source, checked, declarations)
    }

    /// The deduced type, without making a program.
    package static func deduceType(
        of source: String, in declarations: Declarations
    ) throws(CompilationError) -> CELType {
        try check(source, in: declarations, expecting: nil).resultType
    }

    private init(_ source: String, _ checked: CheckedExpression, _ declarations: Declarations) {
        self.source = source
        self.declarations = declarations
        resultType = checked.resultType
        localCount = checked.localCount
        root = Planner.plan(checked)
        let found = References(checked)
        references = found.variables
        secretUses = found.secrets
        estimatedCost = CostEstimate(checked, declarations.assumedSizes).total
        warnings = checked.diagnostics + Self.costWarning(estimatedCost, checked.tree, declarations)
    }

    private static func check(
        _ source: String, in declarations: Declarations, expecting expected: CELType?
    ) throws(CompilationError) -> CheckedExpression {
        let parsed = Parser.parse(source, macros: declarations.expandsMacros)
        guard let tree = parsed.tree else { throw CompilationError(parsed.diagnostics) }
        let checked = Checker.check(tree, nodes: parsed.count, in: declarations, expecting: expected)
        guard declarations.checksTypes, checked.diagnostics.contains(where: { $0.severity == .error }) else {
            return declarations.checksTypes ? checked : checked.withoutDiagnostics
        }
        throw CompilationError(checked.diagnostics)
    }

    private static func costWarning(_ cost: Int, _ tree: Expr, _ declarations: Declarations) -> [Diagnostic] {
        guard cost > declarations.costLimit else { return [] }
        let message =
            "an evaluation may cost about \(cost) units, the limit is \(declarations.costLimit)"
        return [
            Diagnostic(
                code: .cost, severity: .warning, message: message, range: tree.range,
                hint: "nested macros over long lists are what costs most")
        ]
    }
}

extension Program {
    /// The names of the secrets that it uses, each once.
    package var secrets: [String] {
        var seen: Set<String> = []
        return secretUses.flatMap(\.path).filter { seen.insert($0).inserted }
    }

    /// The value for one set of variables.
    ///
    /// - Parameter costLimit: units of cost after which the evaluation stops with `cost-limit`.
    package func evaluate(
        _ activation: Activation, costLimit: Int = Cost.defaultLimit
    ) throws(EvaluationError) -> CELValue {
        var evaluation = Evaluation(activation, limit: costLimit, localCount: localCount)
        return try root.evaluate(&evaluation)
    }

    /// The value of a condition; anything but a bool is an error.
    package func holds(_ activation: Activation, costLimit: Int = Cost.defaultLimit) throws(EvaluationError)
        -> Bool
    {
        try condition(try evaluate(activation, costLimit: costLimit))
    }

    /// The same within what many evaluations may use up together.
    ///
    /// - Parameter budget: units of cost. Takes what this evaluation used, also when it failed; one that has less than
    ///   `costLimit` to spend may fail with `cost-limit` for that.
    package func holds(
        _ activation: Activation, costLimit: Int = Cost.defaultLimit, budget: inout Int
    ) throws(EvaluationError) -> Bool {
        let limit = min(costLimit, max(budget, 0))
        var evaluation = Evaluation(activation, limit: limit, localCount: localCount)
        defer { budget -= limit - evaluation.remaining }
        return try condition(try root.evaluate(&evaluation))
    }

    private func condition(_ value: CELValue) throws(EvaluationError) -> Bool {
        guard case .bool(let holds) = value else {
            throw EvaluationError(
                .noSuchOverload, "the condition is a value of type `\(value.typeName)`, not `bool`",
                range: root.range)
        }
        return holds
    }

    /// The units of cost that one evaluation uses up, and its value.
    package func measure(
        _ activation: Activation, costLimit: Int = Cost.defaultLimit
    ) throws(EvaluationError) -> (value: CELValue, cost: Int) {
        var evaluation = Evaluation(activation, limit: costLimit, localCount: localCount)
        let value = try root.evaluate(&evaluation)
        return (value, costLimit - evaluation.remaining)
    }

    /// Evaluates and notes the value of every part; slower than `evaluate`, for people who look for a mistake.
    package func explain(_ activation: Activation, costLimit: Int = Cost.defaultLimit) -> Explanation {
        let checked: CheckedExpression
        do throws(CompilationError) {
            checked = try Self.check(source, in: declarations, expecting: nil)
        } catch {
            preconditionFailure("a program that compiled compiles again")
        }
        let trace = Trace()
        var evaluation = Evaluation(activation, limit: costLimit, localCount: localCount, trace: trace)
        let node = Planner.plan(checked, traces: true)
        let result = Result { () throws(EvaluationError) in try node.evaluate(&evaluation) }
        return Explanation(
            result: result, parts: trace.parts, isTruncated: trace.isTruncated,
            cost: costLimit - evaluation.remaining)
    }
}

extension CheckedExpression {
    /// For expressions whose types are not checked.
    var withoutDiagnostics: CheckedExpression {
        CheckedExpression(
            tree: tree, types: types, meanings: meanings, localCount: localCount, diagnostics: [])
    }
}
