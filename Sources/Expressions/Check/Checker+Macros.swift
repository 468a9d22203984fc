extension Checker {
    mutating func checkComprehension(_ comprehension: Expr.Comprehension, _ expr: Expr) -> CELType {
        let target = check(comprehension.target)
        refuseSecret(target, comprehension.target)
        let (index, element) = iterated(target, comprehension)
        let types = comprehension.variables.count == 2 ? [index, element] : [target.isList ? element : index]
        let variables = zip(comprehension.variables, types).map { ($0.name, $1) }
        return inScope(of: variables, expr) { checker in
            if let filter = comprehension.filter { checker.checkBool(filter, operator: "a filter") }
            return checker.checkBody(comprehension, key: index, element: types[0])
        }
    }

    /// What a pass gets: index and element of a list, key and value of a map.
    private mutating func iterated(_ type: CELType, _ comprehension: Expr.Comprehension) -> (CELType, CELType)
    {
        switch type {
        case .list(let element): return (.int, element)
        case .map(let key, let value): return (key, value)
        case .record: return (.string, .dyn)
        case .wrapper(let inner): return iterated(inner, comprehension)
        case .dyn, .error, .parameter: return (.dyn, .dyn)
        default:
            report(
                .overload, "a value of type \(quoted(type)) has no elements to go through",
                comprehension.target.range)
            return (.error, .error)
        }
    }

    private mutating func checkBody(
        _ comprehension: Expr.Comprehension, key: CELType, element: CELType
    ) -> CELType {
        let body = comprehension.body
        switch comprehension.kind {
        case .all, .exists, .existsOne:
            checkBool(body, operator: "the condition")
            return .bool
        case .filter:
            checkBool(body, operator: "the condition")
            return .list(element)
        case .map:
            let type = check(body)
            refuseSecret(type, body)
            return .list(type)
        case .transformMap:
            let type = check(body)
            refuseSecret(type, body)
            return .map(key, type)
        case .transformMapEntry: return checkEntry(body)
        case .sortBy:
            let type = check(body)
            if !Self.hasOrder(type) {
                report(.overload, "values of type \(quoted(type)) have no order", body.range)
            }
            return .list(element)
        }
    }

    private mutating func checkEntry(_ body: Expr) -> CELType {
        let type = check(body)
        refuseSecret(type, body)
        switch type {
        case .map, .dyn, .error: return type
        default:
            report(
                .overload, "`transformMapEntry` takes a map with one entry, not \(quoted(type))", body.range)
            return .error
        }
    }

    private static func hasOrder(_ type: CELType) -> Bool {
        switch type {
        case .list, .map, .record, .optional, .type, .null, .secret, .abstract: false
        default: true
        }
    }

    mutating func checkBind(
        _ variable: Expr.Variable, _ value: Expr, _ body: Expr, _ expr: Expr
    ) -> CELType {
        let type = check(value)
        return inScope(of: [(variable.name, type)], expr) { $0.check(body) }
    }

    mutating func checkOptionalMap(
        _ target: Expr, _ variable: Expr.Variable, _ body: Expr, flat: Bool, _ expr: Expr
    ) -> CELType {
        let content: CELType
        switch check(target) {
        case .optional(let type): content = type
        case .dyn, .error, .parameter: content = .dyn
        case let type:
            report(.overload, "`optMap` is called on an optional, not on \(quoted(type))", target.range)
            content = .error
        }
        let result = inScope(of: [(variable.name, content)], expr) { $0.check(body) }
        refuseSecret(result, body)
        guard flat else { return .optional(result) }
        if !result.isOptional, !result.isDyn {
            report(.overload, "`optFlatMap` takes an optional, not \(quoted(result))", body.range)
        }
        return result.isDyn ? .dyn : result
    }

    /// Checks with more variables in scope; the node gets the first of their slots.
    private mutating func inScope(
        of variables: [(String, CELType)], _ expr: Expr, _ body: (inout Checker) -> CELType
    ) -> CELType {
        meanings[expr.id] = .local(slot: scopes.count)
        for variable in variables { scopes.append(variable) }
        localCount = max(localCount, scopes.count)
        defer { scopes.removeLast(variables.count) }
        return body(&self)
    }
}

extension CELType {
    /// Whether a macro with one variable goes through elements rather than keys.
    var isList: Bool {
        switch self {
        case .list, .dyn, .error, .parameter: true
        case .wrapper(let inner): inner.isList
        default: false
        }
    }
}
