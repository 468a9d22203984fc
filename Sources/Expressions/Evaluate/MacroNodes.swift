/// `cel.bind(variable, value, body)`.
final class BindNode: Node, @unchecked Sendable {
    private let slot: Int
    private let value: Node
    private let body: Node

    init(slot: Int, _ value: Node, _ body: Node, _ range: Range<Int>) {
        self.slot = slot
        self.value = value
        self.body = body
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        evaluation.locals[slot] = try value.evaluate(&evaluation)
        return try body.evaluate(&evaluation)
    }
}

/// `target.optMap(variable, body)` and `target.optFlatMap(variable, body)`.
final class OptionalMapNode: Node, @unchecked Sendable {
    private let target: Node
    private let slot: Int
    private let body: Node
    private let flat: Bool

    init(_ target: Node, slot: Int, _ body: Node, flat: Bool, _ range: Range<Int>) {
        self.target = target
        self.slot = slot
        self.body = body
        self.flat = flat
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let value = try target.evaluate(&evaluation)
        guard case .optional(let optional) = value else {
            throw EvaluationError.noSuchOverload(flat ? "optFlatMap" : "optMap", [value]).located(at: range)
        }
        guard let content = optional.value else { return value }
        evaluation.locals[slot] = content
        let result = try body.evaluate(&evaluation)
        guard flat else { return .optional(.init(result)) }
        guard case .optional = result else {
            throw EvaluationError.noSuchOverload("optFlatMap", [result]).located(at: body.range)
        }
        return result
    }
}
