/// Resolves names and deduces types (cel-spec `doc/langdef.md`, "Gradual Type Checking").
///
/// It reports every mistake that it finds; a node with a mistake gets the type `error`, which fits everywhere.
struct Checker {
    let declarations: Declarations
    var types: [CELType]
    var meanings: [Int: CheckedExpression.Meaning] = [:]
    var diagnostics: [Diagnostic] = []
    var substitution = TypeSubstitution()
    /// The local variables in scope; the position is the slot.
    var scopes: [(name: String, type: CELType)] = []
    var localCount = 0
    var optionalFields = OptionalFields()

    private init(_ declarations: Declarations, nodes: Int) {
        self.declarations = declarations
        types = Array(repeating: .error, count: nodes)
    }

    static func check(
        _ tree: Expr, nodes: Int, in declarations: Declarations, expecting expected: CELType?
    ) -> CheckedExpression {
        var checker = Checker(declarations, nodes: nodes)
        _ = checker.check(tree)
        if let expected { checker.require(expected, of: tree) }
        checker.checkResultHidesSecrets(tree)
        return CheckedExpression(
            tree: tree, types: checker.types.map { checker.substitution.resolve($0, closed: true) },
            meanings: checker.meanings, localCount: checker.localCount,
            diagnostics: checker.diagnostics + checker.optionalFields.warnings)
    }

    // MARK: Nodes

    mutating func check(_ expr: Expr) -> CELType {
        let type = deduce(expr)
        types[expr.id] = type
        return substitution.resolve(type)
    }

    private mutating func deduce(_ expr: Expr) -> CELType {
        switch expr.kind {
        case .literal(let value): Self.type(of: value)
        case .identifier(let name): checkIdentifier(name, expr)
        case .select(let selection): checkSelection(selection, expr)
        case .call(let call): checkCall(call, expr)
        case .list(let elements): checkList(elements)
        case .map(let entries): checkMap(entries)
        case .comprehension(let comprehension): checkComprehension(comprehension, expr)
        case .bind(let variable, let value, let body): checkBind(variable, value, body, expr)
        case .optionalMap(let target, let variable, let body, let flat):
            checkOptionalMap(target, variable, body, flat: flat, expr)
        }
    }

    private static func type(of literal: CELValue) -> CELType {
        switch literal {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        default: .dyn
        }
    }

    private mutating func checkList(_ elements: [Expr.Element]) -> CELType {
        var joined: CELType?
        for element in elements {
            var type = check(element.value)
            refuseSecret(type, element.value)
            if element.isOptional { type = content(ofOptional: type, element.value) }
            joined = join(joined, type)
        }
        return .list(joined ?? substitution.newParameter())
    }

    private mutating func checkMap(_ entries: [Expr.Entry]) -> CELType {
        var (keys, values): (CELType?, CELType?)
        for entry in entries {
            let key = check(entry.key)
            if !Self.canBeKey(key) {
                report(
                    .overload, "a key of a map is an `int`, `uint`, `bool` or `string`, not \(quoted(key))",
                    entry.key.range)
            }
            var value = check(entry.value)
            refuseSecret(value, entry.value)
            if entry.isOptional { value = content(ofOptional: value, entry.value) }
            keys = join(keys, key)
            values = join(values, value)
        }
        return .map(keys ?? substitution.newParameter(), values ?? substitution.newParameter())
    }

    private static func canBeKey(_ type: CELType) -> Bool {
        switch type {
        case .int, .uint, .bool, .string, .dyn, .error, .parameter, .wrapper: true
        default: false
        }
    }

    private mutating func join(_ first: CELType?, _ second: CELType) -> CELType {
        guard let first else { return second }
        return substitution.join(first, second) ?? .dyn
    }

    private mutating func content(ofOptional type: CELType, _ expr: Expr) -> CELType {
        switch type {
        case .optional(let content): return content
        case .dyn, .error: return .dyn
        default:
            report(.overload, "`?` takes an optional value, not \(quoted(type))", expr.range)
            return .error
        }
    }

    // MARK: Requirements

    /// Reports an expression that cannot have the type.
    mutating func require(_ expected: CELType, of expr: Expr) {
        let type = substitution.resolve(types[expr.id])
        guard !substitution.assign([type], to: [expected]) else { return }
        let hint = expected == .bool ? "compare it with something, such as `== 'value'`" : nil
        report(
            .resultType, "the expression is of type \(quoted(type)), \(quoted(expected)) is needed",
            expr.range, hint)
    }

    /// A secret must not become a part of a value that can be looked at.
    mutating func refuseSecret(_ type: CELType, _ expr: Expr) {
        guard substitution.resolve(type).containsSecret else { return }
        report(
            .secret, "a secret can only be concatenated with strings and base64-encoded", expr.range,
            "it is not compared, measured, converted, or put into lists and maps")
    }

    private mutating func checkResultHidesSecrets(_ tree: Expr) {
        let type = substitution.resolve(types[tree.id])
        guard type.containsSecret, type != .secret else { return }
        report(
            .secret, "the result holds secrets", tree.range,
            "use one secret by its name, such as `secrets['name']`")
    }

    mutating func report(
        _ code: Diagnostic.Code, _ message: String, _ range: Range<Int>, _ hint: String? = nil
    ) {
        diagnostics.append(Diagnostic(code: code, message: message, range: range, hint: hint))
    }

    func quoted(_ type: CELType) -> String { "`\(substitution.resolve(type, closed: true))`" }
}
