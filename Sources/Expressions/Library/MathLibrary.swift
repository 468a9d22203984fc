/// The math extension.
enum MathLibrary {
    static let functions: [Function] =
        ["greatest", "least"].flatMap(extremum)
        + [
            double("ceil") { $0.rounded(.up) },
            double("floor") { $0.rounded(.down) },
            double("round") { $0.rounded(.toNearestOrAwayFromZero) },
            double("trunc") { $0.rounded(.towardZero) },
            test("isNaN") { $0.isNaN },
            test("isInf") { $0.isInfinite },
            test("isFinite") { $0.isFinite },
            Function(same("abs"), .unary(abs)),
            Function(same("sign"), .unary(sign)),
            Function(["int", "uint", "double"].map { "math.sqrt(\($0)) -> double" }, .unary(squareRoot)),
            bits("bitAnd", { $0 & $1 }, { $0 & $1 }),
            bits("bitOr", { $0 | $1 }, { $0 | $1 }),
            bits("bitXor", { $0 ^ $1 }, { $0 ^ $1 }),
            Function(["math.bitNot(int) -> int", "math.bitNot(uint) -> uint"], .unary(bitNot)),
            // A shift of an int moves its bits as they are: the sign does not stay.
            shift("bitShiftLeft") { $0 << $1 },
            shift("bitShiftRight") { $0 >> $1 },
        ]

    // MARK: Doubles

    private static func double(_ name: String, _ function: @escaping @Sendable (Double) -> Double) -> Function
    {
        Function("math.\(name)(double) -> double") { (value, _) throws(EvaluationError) in
            guard case .double(let number) = value else { throw .noSuchOverload("math.\(name)", [value]) }
            return .double(function(number))
        }
    }

    private static func test(_ name: String, _ function: @escaping @Sendable (Double) -> Bool) -> Function {
        Function("math.\(name)(double) -> bool") { (value, _) throws(EvaluationError) in
            guard case .double(let number) = value else { throw .noSuchOverload("math.\(name)", [value]) }
            return .bool(function(number))
        }
    }

    private static func same(_ name: String) -> [String] {
        ["int", "uint", "double"].map { "math.\(name)(\($0)) -> \($0)" }
    }

    private static func abs(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .int(.min): throw .outOfRange("the absolute value")
        case .int(let value): .int(Swift.abs(value))
        case .uint: value
        case .double(let value): .double(value.magnitude)
        default: throw .noSuchOverload("math.abs", [value])
        }
    }

    private static func sign(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .int(let value): .int(value.signum())
        case .uint(let value): .uint(value > 0 ? 1 : 0)
        case .double(let value): .double(value > 0 ? 1 : value < 0 ? -1 : value)
        default: throw .noSuchOverload("math.sign", [value])
        }
    }

    private static func squareRoot(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch value {
        case .int(let value): .double(Double(value).squareRoot())
        case .uint(let value): .double(Double(value).squareRoot())
        case .double(let value): .double(value.squareRoot())
        default: throw .noSuchOverload("math.sqrt", [value])
        }
    }

    // MARK: The greatest and the least

    /// With one argument, two, or a list; more than two are made into a list by the parser.
    private static func extremum(_ name: String) -> [Function] {
        let keepsLater: Ordering.Order = name == "greatest" ? .after : .before
        let full = "math.\(name)"
        let numbers = ["int", "uint", "double"]
        let single = Function(
            numbers.map { "\(full)(\($0)) -> \($0)" } + numbers.map { "\(full)(list(\($0))) -> \($0)" }
                + ["\(full)(list(dyn)) -> dyn"], cost: .elements,
            .unary { (value, _) throws(EvaluationError) in
                guard case .list(let list) = value else { return try number(value, full) }
                guard list.count > 0 else { throw .invalidArgument("`\(full)` needs at least one number") }
                var best = try number(list[0], full)
                for position in 1..<list.count {
                    best = better(best, try number(list[position], full), keepsLater)
                }
                return best
            })
        let pair = Function(
            numbers.flatMap { left in
                numbers.map { "\(full)(\(left), \($0)) -> \($0 == left ? left : "dyn")" }
            },
            .binary { (left, right, _) throws(EvaluationError) in
                better(try number(left, full), try number(right, full), keepsLater)
            })
        return [single, pair]
    }

    private static func better(_ current: CELValue, _ candidate: CELValue, _ wanted: Ordering.Order)
        -> CELValue
    {
        Ordering.numeric(candidate, current) == wanted ? candidate : current
    }

    private static func number(_ value: CELValue, _ function: String) throws(EvaluationError) -> CELValue {
        guard value.isNumber else { throw .noSuchOverload(function, [value]) }
        return value
    }

    // MARK: Bits

    private static func bits(
        _ name: String, _ int: @escaping @Sendable (Int64, Int64) -> Int64,
        _ uint: @escaping @Sendable (UInt64, UInt64) -> UInt64
    ) -> Function {
        Function(
            ["int", "uint"].map { "math.\(name)(\($0), \($0)) -> \($0)" },
            .binary { (left, right, _) throws(EvaluationError) in
                switch (left, right) {
                case (.int(let left), .int(let right)): .int(int(left, right))
                case (.uint(let left), .uint(let right)): .uint(uint(left, right))
                default: throw .noSuchOverload("math.\(name)", [left, right])
                }
            })
    }

    private static func bitNot(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .int(let value): .int(~value)
        case .uint(let value): .uint(~value)
        default: throw .noSuchOverload("math.bitNot", [value])
        }
    }

    private static func shift(_ name: String, _ shift: @escaping @Sendable (UInt64, Int64) -> UInt64)
        -> Function
    {
        Function(
            ["int", "uint"].map { "math.\(name)(\($0), int) -> \($0)" },
            .binary { (value, distance, _) throws(EvaluationError) in
                guard case .int(let places) = distance else {
                    throw .noSuchOverload("math.\(name)", [value, distance])
                }
                guard places >= 0 else { throw .invalidArgument("a shift by \(places) places") }
                switch value {
                case .int(let bits): return .int(Int64(bitPattern: shift(UInt64(bitPattern: bits), places)))
                case .uint(let bits): return .uint(shift(bits, places))
                default: throw .noSuchOverload("math.\(name)", [value, distance])
                }
            })
    }
}
