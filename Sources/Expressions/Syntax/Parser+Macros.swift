extension Parser {
    /// A call, or what a macro of that name makes of it.
    ///
    /// - Parameter range: where the function's name stands.
    mutating func invoke(
        _ name: String, _ range: Range<Int>, target: Expr?, _ arguments: [Expr]
    ) throws(Stop) -> Expr {
        let place = Place(name: name, range: range, whole: (target?.range ?? range).lowerBound..<end)
        if macrosEnabled, let expansion = try expand(place, target, arguments) { return expansion }
        let call = Expr.Call(function: name, nameRange: range, target: target, arguments: arguments)
        return try make(.call(call), place.whole, (target.map { [$0] } ?? []) + arguments)
    }

    /// Where a macro is written.
    private struct Place {
        let name: String
        /// The name alone.
        let range: Range<Int>
        /// The call with its target and arguments.
        let whole: Range<Int>
    }

    private mutating func expand(_ place: Place, _ target: Expr?, _ arguments: [Expr]) throws(Stop) -> Expr? {
        guard let target else {
            return place.name == "has" && arguments.count == 1 ? try has(place, arguments[0]) : nil
        }
        if case .identifier(let namespace) = target.kind, namespace.text == "cel" {
            return place.name == "bind" && arguments.count == 3 ? try bind(place, arguments) : nil
        }
        if case .identifier(let namespace) = target.kind, namespace.text == "math" {
            return try extremum(place, target, arguments)
        }
        switch (place.name, arguments.count) {
        case ("optMap", 2): return try optionalMap(place, target, arguments, flat: false)
        case ("optFlatMap", 2): return try optionalMap(place, target, arguments, flat: true)
        default: return try comprehension(place, target, arguments)
        }
    }

    private mutating func has(_ place: Place, _ argument: Expr) throws(Stop) -> Expr {
        guard case .select(var selection) = argument.kind, !selection.isOptional else {
            throw fail("`has` takes a field, such as `has(a.b)`", at: argument.range)
        }
        selection.isTest = true
        return try make(.select(selection), place.whole, [selection.operand])
    }

    private mutating func bind(_ place: Place, _ arguments: [Expr]) throws(Stop) -> Expr {
        let variable = try variable(place, arguments[0])
        let kind = Expr.Kind.bind(variable: variable, value: arguments[1], body: arguments[2])
        return try make(kind, place.whole, arguments)
    }

    /// `math.greatest` and `math.least` take any number of arguments; three and more are passed as a list.
    private mutating func extremum(_ place: Place, _ target: Expr, _ arguments: [Expr]) throws(Stop) -> Expr?
    {
        guard place.name == "greatest" || place.name == "least", arguments.count > 2 else { return nil }
        let elements = arguments.map { Expr.Element(value: $0, isOptional: false) }
        let range = arguments[0].range.lowerBound..<arguments[arguments.count - 1].range.upperBound
        let list = try make(.list(elements), range, arguments)
        let call = Expr.Call(function: place.name, nameRange: place.range, target: target, arguments: [list])
        return try make(.call(call), place.whole, [target, list])
    }

    private mutating func optionalMap(
        _ place: Place, _ target: Expr, _ arguments: [Expr], flat: Bool
    ) throws(Stop) -> Expr {
        let variable = try variable(place, arguments[0])
        let kind = Expr.Kind.optionalMap(target: target, variable: variable, body: arguments[1], flat: flat)
        return try make(kind, place.whole, [target, arguments[1]])
    }

    /// How many variables a macro takes, and whether a filter stands before its body.
    private static func shape(_ name: String, _ count: Int) -> (
        kind: ComprehensionKind, variables: Int, filtered: Bool
    )? {
        switch (name, count) {
        case ("all", 2): (.all, 1, false)
        case ("all", 3): (.all, 2, false)
        case ("exists", 2): (.exists, 1, false)
        case ("exists", 3): (.exists, 2, false)
        case ("exists_one", 2), ("existsOne", 2): (.existsOne, 1, false)
        case ("exists_one", 3), ("existsOne", 3): (.existsOne, 2, false)
        case ("filter", 2): (.filter, 1, false)
        case ("map", 2): (.map, 1, false)
        case ("map", 3): (.map, 1, true)
        case ("transformList", 3): (.map, 2, false)
        case ("transformList", 4): (.map, 2, true)
        case ("transformMap", 3): (.transformMap, 2, false)
        case ("transformMap", 4): (.transformMap, 2, true)
        case ("transformMapEntry", 3): (.transformMapEntry, 2, false)
        case ("transformMapEntry", 4): (.transformMapEntry, 2, true)
        case ("sortBy", 2): (.sortBy, 1, false)
        default: nil
        }
    }

    private mutating func comprehension(_ place: Place, _ target: Expr, _ arguments: [Expr]) throws(Stop)
        -> Expr?
    {
        guard let shape = Self.shape(place.name, arguments.count) else { return nil }
        var variables: [Expr.Variable] = []
        for argument in arguments.prefix(shape.variables) { variables.append(try variable(place, argument)) }
        if variables.count == 2, variables[0].name == variables[1].name {
            throw fail("the two variables of `\(place.name)` have the same name", at: variables[1].range)
        }
        let comprehension = Expr.Comprehension(
            kind: shape.kind, target: target, variables: variables,
            filter: shape.filtered ? arguments[shape.variables] : nil, body: arguments[arguments.count - 1])
        return try make(.comprehension(comprehension), place.whole, [target] + arguments)
    }

    private mutating func variable(_ place: Place, _ argument: Expr) throws(Stop) -> Expr.Variable {
        guard case .identifier(let name) = argument.kind, !name.isAbsolute else {
            throw fail(
                "`\(place.name)` introduces a variable: a simple name is expected here", at: argument.range)
        }
        return Expr.Variable(name: name.text, range: argument.range)
    }
}
