extension Checker {
    mutating func checkCall(_ call: Expr.Call, _ expr: Expr) -> CELType {
        switch call.function {
        case Operator.and, Operator.or: return checkLogic(call)
        case Operator.conditional: return checkConditional(call)
        case Operator.subtract where isHyphenatedName(call): return reportHyphen(call)
        case Operator.index, Operator.optionalIndex: return checkIndex(call, expr)
        case Operator.in: noteMembership(call)
        default: break
        }
        if let functions = namespacedFunctions(call) {
            return checkArguments(call, expr, functions, call.arguments, isNamespaced: true)
        }
        let isAbsolute = call.function.hasPrefix(".")
        let name = isAbsolute ? String(call.function.dropFirst()) : call.function
        let functions = self.functions(named: name, isMethod: call.target != nil, isAbsolute: isAbsolute)
        let arguments = (call.target.map { [$0] } ?? []) + call.arguments
        guard let functions else { return reportUnknownFunction(call, arguments) }
        return checkArguments(call, expr, functions, arguments, isNamespaced: false)
    }

    // MARK: Operators

    private mutating func checkLogic(_ call: Expr.Call) -> CELType {
        for argument in call.arguments {
            checkBool(argument, operator: call.function == Operator.and ? "&&" : "||")
        }
        return .bool
    }

    private mutating func checkConditional(_ call: Expr.Call) -> CELType {
        checkBool(call.arguments[0], operator: "? :")
        let first = check(call.arguments[1])
        let second = check(call.arguments[2])
        if let joined = substitution.join(first, second) { return joined }
        report(
            .overload, "the two results of `? :` are of types \(quoted(first)) and \(quoted(second))",
            call.arguments[1].range.lowerBound..<call.arguments[2].range.upperBound,
            "make them the same type, or wrap one in `dyn(…)`")
        return .error
    }

    mutating func checkBool(_ expr: Expr, operator name: String) {
        let type = check(expr)
        guard !substitution.assign([type], to: [.bool]) else { return }
        report(.overload, "`\(name)` takes `bool`, not \(quoted(type))", expr.range)
    }

    /// `'field' in record` is a test as well as `has(record.field)`.
    private mutating func noteMembership(_ call: Expr.Call) {
        guard case .literal(.string(let field)) = call.arguments[0].kind,
            let record = qualifiedName(call.arguments[1])
        else { return }
        optionalFields.guardUse(of: record.text + "." + field)
    }

    private mutating func checkIndex(_ call: Expr.Call, _ expr: Expr) -> CELType {
        let operand = check(call.arguments[0])
        let index = call.arguments[1]
        if isSecrets(call.arguments[0]), call.function == Operator.index {
            guard case .literal(.string(let name)) = index.kind else {
                report(
                    .secret, "the name of a secret is written out", index.range, "such as `secrets['name']`")
                return .error
            }
            return secret(named: name, index.range, expr)
        }
        if let record = operand.record, case .literal(.string(let field)) = index.kind {
            _ = check(index)
            let type = fieldType(field, index.range, of: record)
            meanings[expr.id] = .functions(
                declarations.functions.named(call.function, isMethod: false), isNamespaced: false)
            return call.function == Operator.optionalIndex
                ? .optional(type) : type.wrapped(where: operand.isOptional)
        }
        let functions = declarations.functions.named(call.function, isMethod: false)
        let given = [operand, check(index)]
        return resolve(call, expr, functions, call.arguments, given, isNamespaced: false)
    }

    // MARK: Hyphens

    /// `steps.page-ack.x`: no blanks around the minus, and what follows is no variable.
    private func isHyphenatedName(_ call: Expr.Call) -> Bool {
        let (left, right) = (call.arguments[0], call.arguments[1])
        guard left.range.upperBound == call.nameRange.lowerBound,
            call.nameRange.upperBound == right.range.lowerBound,
            qualifiedName(left) != nil, let root = root(of: right)
        else { return false }
        return slot(of: root) == nil
            && declarations.candidates(for: root).allSatisfy { declarations.variables[$0] == nil }
    }

    private func root(of expr: Expr) -> String? {
        switch expr.kind {
        case .identifier(let name): name.text
        case .select(let selection): root(of: selection.operand)
        case .call(let call): (call.target ?? call.arguments.first).flatMap { root(of: $0) }
        default: nil
        }
    }

    private mutating func reportHyphen(_ call: Expr.Call) -> CELType {
        let (left, right) = (call.arguments[0], call.arguments[1])
        let before = qualifiedName(left)?.text.split(separator: ".").last.map(String.init) ?? ""
        let name = "\(before)-\(root(of: right) ?? "")"
        let start = left.range.upperBound - before.unicodeScalars.count
        report(
            .hyphenatedName, "`\(name)` is read as a subtraction, because names have no hyphens",
            start..<start + name.unicodeScalars.count,
            "rename it with `_`, or write the name as a key: `['\(name)']`")
        return .error
    }

    // MARK: Functions

    /// `math.ceil` and the like: the target is no value but a part of the name.
    private func namespacedFunctions(_ call: Expr.Call) -> [Function]? {
        guard let target = call.target, let name = qualifiedName(target),
            name.isAbsolute || slot(of: name.root) == nil
        else { return nil }
        return functions(named: name.text + "." + call.function, isMethod: false, isAbsolute: name.isAbsolute)
    }

    /// The functions of the innermost namespace that has any of that name.
    private func functions(named name: String, isMethod: Bool, isAbsolute: Bool) -> [Function]? {
        declarations.candidates(for: name, isAbsolute: isAbsolute).lazy
            .map { declarations.functions.named($0, isMethod: isMethod) }.first { !$0.isEmpty }
    }

    private mutating func checkArguments(
        _ call: Expr.Call, _ expr: Expr, _ functions: [Function], _ arguments: [Expr], isNamespaced: Bool
    ) -> CELType {
        resolve(call, expr, functions, arguments, arguments.map { check($0) }, isNamespaced: isNamespaced)
    }

    /// Finds the overloads that take arguments of the given types.
    private mutating func resolve(
        _ call: Expr.Call, _ expr: Expr, _ functions: [Function], _ arguments: [Expr], _ given: [CELType],
        isNamespaced: Bool
    ) -> CELType {
        var matching: [Function] = []
        var result: CELType?
        for function in functions {
            var matches = false
            for overload in function.overloads {
                guard let type = apply(overload, given) else { continue }
                matches = true
                result = result.map { $0 == type || $0.isDyn ? $0 : .dyn } ?? type
            }
            if matches { matching.append(function) }
        }
        // Without type checks the values decide.
        let usable = declarations.checksTypes ? matching : functions.filter { $0.arity == arguments.count }
        meanings[expr.id] = .functions(usable, isNamespaced: isNamespaced)
        if let result {
            validateLiterals(call, arguments)
            return result
        }
        reportOverload(call, expr, functions, zip(arguments, given))
        return .error
    }

    /// The result of an overload for these arguments; nil when it does not take them.
    private mutating func apply(_ overload: Overload, _ given: [CELType]) -> CELType? {
        guard overload.parameters.count == given.count else { return nil }
        for (type, parameter) in zip(given, overload.parameters)
        where substitution.resolve(type).containsSecret && parameter != .secret { return nil }
        var fresh: [String: CELType] = [:]
        let parameters = overload.parameters.map { instantiate($0, &fresh) }
        guard substitution.assign(given, to: parameters) else { return nil }
        return substitution.resolve(instantiate(overload.result, &fresh))
    }

    /// The type with parameters of its own for this use.
    private mutating func instantiate(_ type: CELType, _ fresh: inout [String: CELType]) -> CELType {
        switch type {
        case .parameter(let name):
            if let known = fresh[name] { return known }
            let parameter = substitution.newParameter()
            fresh[name] = parameter
            return parameter
        case .list(let element): return .list(instantiate(element, &fresh))
        case .map(let key, let value): return .map(instantiate(key, &fresh), instantiate(value, &fresh))
        case .optional(let value): return .optional(instantiate(value, &fresh))
        case .wrapper(let value): return .wrapper(instantiate(value, &fresh))
        case .type(let inner?): return .type(instantiate(inner, &fresh))
        case .abstract(let name, let parameters):
            var instances: [CELType] = []
            for parameter in parameters { instances.append(instantiate(parameter, &fresh)) }
            return .abstract(name, instances)
        default: return type
        }
    }

    // MARK: Literals

    /// Reports literals that would fail every time.
    private mutating func validateLiterals(_ call: Expr.Call, _ arguments: [Expr]) {
        guard declarations.checksTypes, let last = arguments.last,
            case .literal(.string(let text)) = last.kind
        else { return }
        switch call.function {
        case "matches":
            do throws(EvaluationError) {
                _ = try RegularExpression(text)
            } catch {
                report(.invalidLiteral, error.message, last.range)
            }
        case "timestamp" where Timestamp(text) == nil:
            report(
                .invalidLiteral, "`\(text)` is not a timestamp", last.range,
                "such as '2026-05-05T11:45:07Z' (RFC 3339)")
        case "duration" where CELDuration(text) == nil:
            report(.invalidLiteral, "`\(text)` is not a duration", last.range, "such as '1h30m' or '500ms'")
        default: break
        }
    }
}

extension CELType {
    /// The record that fields are selected from.
    var record: RecordType? {
        switch self {
        case .record(let record): record
        case .optional(let inner), .wrapper(let inner): inner.record
        default: nil
        }
    }
}
