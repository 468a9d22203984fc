/// Arithmetic, comparison and membership.
enum StandardOperators {
    static let functions: [Function] = arithmetic + comparison + access + logic

    // MARK: Declarations

    private static let arithmetic: [Function] = [
        Function(
            [
                "_+_(int, int) -> int", "_+_(uint, uint) -> uint", "_+_(double, double) -> double",
                "_+_(string, string) -> string", "_+_(bytes, bytes) -> bytes",
                "_+_(list($A), list($A)) -> list($A)",
                "_+_(timestamp, duration) -> timestamp", "_+_(duration, timestamp) -> timestamp",
                "_+_(duration, duration) -> duration", "_+_(secret, secret) -> secret",
                "_+_(secret, string) -> secret", "_+_(string, secret) -> secret",
            ], .binary(Arithmetic.add)),
        Function(
            [
                "_-_(int, int) -> int", "_-_(uint, uint) -> uint", "_-_(double, double) -> double",
                "_-_(timestamp, timestamp) -> duration", "_-_(timestamp, duration) -> timestamp",
                "_-_(duration, duration) -> duration",
            ], .binary(Arithmetic.subtract)),
        Function(numeric("_*_"), .binary(Arithmetic.multiply)),
        Function(numeric("_/_"), .binary(Arithmetic.divide)),
        Function(["_%_(int, int) -> int", "_%_(uint, uint) -> uint"], .binary(Arithmetic.modulo)),
        Function(["-_(int) -> int", "-_(double) -> double"], .unary(Arithmetic.negate)),
    ]

    private static func numeric(_ name: String) -> [String] {
        ["int", "uint", "double"].map { "\(name)(\($0), \($0)) -> \($0)" }
    }

    private static let comparison: [Function] =
        [
            Function(["_==_($A, $A) -> bool"], .binary(equal)),
            Function(["_!=_($A, $A) -> bool"], .binary(notEqual)),
        ]
        + [
            ordering(Operator.less) { $0 == .before },
            ordering(Operator.lessOrEqual) { $0 != .after },
            ordering(Operator.greater) { $0 == .after },
            ordering(Operator.greaterOrEqual) { $0 != .before },
        ]

    private static let orderedPairs: [String] =
        ["bool", "string", "bytes", "timestamp", "duration"].map { "(\($0), \($0)) -> bool" }
        + ["int", "uint", "double"].flatMap { left in
            ["int", "uint", "double"].map { "(\(left), \($0)) -> bool" }
        }

    private static func ordering(_ name: String, _ holds: @escaping @Sendable (Ordering.Order) -> Bool)
        -> Function
    {
        Function(
            orderedPairs.map { name + $0 },
            .binary { (left, right, evaluation) throws(EvaluationError) in
                try evaluation.chargeTraversal(max(0, min(left.size, right.size) - Cost.traversal))
                guard let order = Ordering.order(left, right) else {
                    guard Ordering.areComparable(left, right) else {
                        throw .noSuchOverload(name, [left, right])
                    }
                    return .bool(false)
                }
                return .bool(holds(order))
            })
    }

    private static let access: [Function] = [
        Function(["_[_](list($A), int) -> $A", "_[_](map($A, $B), $A) -> $B"], .binary(index)),
        Function(
            [
                "_[_](optional_type(list($A)), int) -> optional_type($A)",
                "_[_](optional_type(map($A, $B)), $A) -> optional_type($B)",
            ], .binary(index)),
        Function(
            [
                "_[?_](list($A), int) -> optional_type($A)", "_[?_](map($A, $B), $A) -> optional_type($B)",
                "_[?_](optional_type(list($A)), int) -> optional_type($A)",
                "_[?_](optional_type(map($A, $B)), $A) -> optional_type($B)",
            ], .binary(Access.optionalIndex)),
        Function(
            ["_in_($A, list($A)) -> bool", "_in_($A, map($A, $B)) -> bool"], .binary(contains)),
    ]

    /// Evaluated by nodes of their own, because they do not always evaluate all of their arguments.
    private static let logic: [Function] = [
        Function(["!_(bool) -> bool"], .unary(not)),
        Function(["_?_:_(bool, $A, $A) -> $A"], .none),
    ]

    // MARK: Bodies

    static func equal(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        .bool(try Equality.equal(left, right, &evaluation))
    }

    private static func notEqual(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        .bool(!(try Equality.equal(left, right, &evaluation)))
    }

    private static func index(
        _ operand: CELValue, _ index: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        try Access.index(operand, index)
    }

    static func contains(
        _ element: CELValue, _ collection: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch collection {
        case .list(let list):
            try evaluation.charge(max(0, list.count - 1))
            for position in 0..<list.count where try Equality.equal(element, list[position], &evaluation) {
                return .bool(true)
            }
            return .bool(false)
        case .map(let map): return .bool(map.value(for: element) != nil)
        default: throw .noSuchOverload("in", [element, collection])
        }
    }

    private static func not(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .bool(let value) = value else { throw .noSuchOverload("!", [value]) }
        return .bool(!value)
    }
}
