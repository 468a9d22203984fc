extension Checker {
    /// Reports a call of a function that there is not; the arguments are checked all the same.
    mutating func reportUnknownFunction(_ call: Expr.Call, _ arguments: [Expr]) -> CELType {
        let isMethod = call.target != nil
        let namespace = call.target.flatMap { self.namespace($0) }
        let errors = diagnostics.count
        if isMethod, namespace == nil { _ = check(arguments[0]) }
        // The variables of a macro that is not complete are no mistakes of their own.
        if !Parser.macroNames.contains(call.function) {
            for argument in call.arguments { _ = check(argument) }
        }
        // A target that cannot be read says nothing about its methods.
        if isMethod, namespace == nil, diagnostics.count > errors { return .error }
        let name = namespace.map { $0 + "." + call.function } ?? call.function
        report(
            .undeclared, "there is no function `\(name)`", call.nameRange,
            functionHint(name, call, isMethod: isMethod))
        return .error
    }

    /// The target as a namespace that has functions, when it is not a variable.
    private func namespace(_ target: Expr) -> String? {
        guard let name = qualifiedName(target), slot(of: name.root) == nil,
            declarations.variables[name.root] == nil,
            declarations.functions.hasNamespace(name.text)
        else { return nil }
        return name.text
    }

    private func functionHint(_ name: String, _ call: Expr.Call, isMethod: Bool) -> String? {
        let functions = declarations.functions
        if let foreign = Suggestion.foreign(call.function) { return foreign }
        if !isMethod, !functions.named(name, isMethod: true).isEmpty {
            return "it is called on a value: `value.\(name)(…)`"
        }
        if isMethod, !functions.named(call.function, isMethod: false).isEmpty {
            return "it is called as `\(call.function)(…)`"
        }
        if Parser.macroNames.contains(call.function) {
            return "`\(call.function)` is a macro with another number of arguments"
        }
        return Suggestion.hint(
            for: name, among: functions.names(isMethod: isMethod) + functions.names(isMethod: false))
    }

    /// Reports arguments that no overload takes.
    mutating func reportOverload(
        _ call: Expr.Call, _ expr: Expr, _ functions: [Function], _ arguments: Zip2Sequence<[Expr], [CELType]>
    ) {
        if let secret = arguments.first(where: { substitution.resolve($1).containsSecret }) {
            return refuseSecret(secret.1, secret.0)
        }
        let given = arguments.map(\.1)
        report(
            .overload, message(call, functions[0], given.map { quoted($0) }),
            Self.isOperator(call.function) ? expr.range : call.nameRange, hint(call, functions, given))
    }

    private func message(_ call: Expr.Call, _ function: Function, _ types: [String]) -> String {
        switch call.function {
        case Operator.equal, Operator.notEqual:
            return
                "`\(Self.written(call.function))` compares values of one type, not \(types.joined(separator: " and "))"
        case Operator.index, Operator.optionalIndex: return "\(types[0]) cannot be indexed with \(types[1])"
        default:
            guard let first = types.first else { return "`\(function.name)` needs arguments" }
            if function.isMethod, types.count == 1 { return "\(first) has no `\(function.name)()`" }
            return "`\(Self.written(function.name))` does not take \(types.joined(separator: " and "))"
        }
    }

    private func hint(_ call: Expr.Call, _ functions: [Function], _ given: [CELType]) -> String? {
        switch call.function {
        case Operator.add where given.contains(.string): return "convert the other one with `string(…)`"
        case Operator.equal, Operator.notEqual:
            return given.contains(.null)
                ? "it is never null; test with `has(…)` whether a field is there" : nil
        case _ where Self.isOperator(call.function): return nil
        case "contains" where given.first?.isList ?? false: return "write `value in list`"
        default:
            let signatures = functions.flatMap(\.overloads).map(\.signature)
            guard signatures.count <= 6 else { return nil }
            return "it is declared as " + signatures.map { "`\($0)`" }.joined(separator: ", ")
        }
    }

    private static func isOperator(_ name: String) -> Bool {
        name.contains("_") && !name.contains { $0.isLetter } || name == Operator.in
    }

    /// An operator as it is written in a source.
    private static func written(_ name: String) -> String {
        switch name {
        case Operator.in: "in"
        case Operator.index, Operator.optionalIndex: "[]"
        case _ where isOperator(name): String(name.filter { $0 != "_" })
        default: name
        }
    }
}

extension CELType {
    fileprivate var isNumber: Bool { [.int, .uint, .double].contains(self) }
}

extension Overload {
    /// The declaration, as documentation writes it.
    package var signature: String {
        let receiver = isMethod ? "\(parameters[0])." : ""
        let rest = parameters.dropFirst(isMethod ? 1 : 0).map(\.description).joined(separator: ", ")
        return "\(receiver)\(name)(\(rest))"
    }
}

extension Parser {
    /// The names that calls are macros under.
    static let macroNames: Set<String> = [
        "has", "all", "exists", "exists_one", "existsOne", "filter", "map", "transformList", "transformMap",
        "transformMapEntry", "sortBy", "optMap", "optFlatMap", "bind",
    ]
}
