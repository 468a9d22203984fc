/// `&&` and `||` of two or more conditions: the deciding value wins over errors, wherever it stands.
final class LogicNode: Node, @unchecked Sendable {
    private let operands: [Node]
    /// The value that decides: false for `&&`, true for `||`.
    private let deciding: Bool

    init(_ operands: [Node], deciding: Bool, _ range: Range<Int>) {
        self.operands = operands
        self.deciding = deciding
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var failure: EvaluationError?
        for operand in operands {
            do throws(EvaluationError) {
                let value = try operand.evaluate(&evaluation)
                guard case .bool(let bool) = value else {
                    throw EvaluationError.noSuchOverload(deciding ? "||" : "&&", [value]).located(
                        at: operand.range)
                }
                if bool == deciding { return .bool(deciding) }
            } catch {
                guard error.isAbsorbable else { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!deciding)
    }
}

/// `condition ? this : that`.
final class ConditionalNode: Node, @unchecked Sendable {
    private let condition: Node
    private let first: Node
    private let second: Node

    init(_ condition: Node, _ first: Node, _ second: Node, _ range: Range<Int>) {
        self.condition = condition
        self.first = first
        self.second = second
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let value = try condition.evaluate(&evaluation)
        guard case .bool(let holds) = value else {
            throw EvaluationError.noSuchOverload("? :", [value]).located(at: condition.range)
        }
        return try (holds ? first : second).evaluate(&evaluation)
    }
}

/// `==` and `!=`, the most frequent operators of filters.
final class EqualityNode: Node, @unchecked Sendable {
    private let left: Node
    private let right: Node
    private let isNegated: Bool

    init(_ left: Node, _ right: Node, isNegated: Bool, _ range: Range<Int>) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let left = try left.evaluate(&evaluation)
        let right = try right.evaluate(&evaluation)
        try evaluation.charge(Cost.call)
        return .bool(try Equality.equal(left, right, &evaluation) != isNegated)
    }
}

/// `optional.or(other)` and `optional.orValue(other)`: the other one is only evaluated when it is needed.
final class OptionalOrNode: Node, @unchecked Sendable {
    private let optional: Node
    private let other: Node
    /// Whether the content is the result, and not the optional.
    private let unwraps: Bool

    init(_ optional: Node, _ other: Node, unwraps: Bool, _ range: Range<Int>) {
        self.optional = optional
        self.other = other
        self.unwraps = unwraps
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let value = try optional.evaluate(&evaluation)
        try evaluation.charge(Cost.call)
        guard case .optional(let optional) = value else {
            throw EvaluationError.noSuchOverload(unwraps ? "orValue" : "or", [value]).located(at: range)
        }
        guard let content = optional.value else { return try other.evaluate(&evaluation) }
        return unwraps ? content : value
    }
}
