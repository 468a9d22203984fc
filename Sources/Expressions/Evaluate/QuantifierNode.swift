/// `all`, `exists` and `exists_one`.
final class QuantifierNode: Node, @unchecked Sendable {
    private let passes: Passes
    private let condition: Node

    init(_ passes: Passes, _ condition: Node, _ range: Range<Int>) {
        self.passes = passes
        self.condition = condition
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        passes.kind == .existsOne ? try existsOne(&evaluation) : try decide(&evaluation)
    }

    /// An element that decides wins over errors of others.
    private func decide(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let deciding = passes.kind == .exists
        var failure: EvaluationError?
        var result = !deciding
        try passes.run(&evaluation) { (_, evaluation) throws(EvaluationError) in
            do throws(EvaluationError) {
                guard try holds(&evaluation) == deciding else { return true }
                result = deciding
                return false
            } catch {
                guard error.isAbsorbable else { throw error }
                failure = failure ?? error
                return true
            }
        }
        if result != deciding, let failure { throw failure }
        return .bool(result)
    }

    /// Every element counts, so every error does.
    private func existsOne(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var count = 0
        try passes.run(&evaluation) { (_, evaluation) throws(EvaluationError) in
            if try holds(&evaluation) { count += 1 }
            return true
        }
        return .bool(count == 1)
    }

    private func holds(_ evaluation: inout Evaluation) throws(EvaluationError) -> Bool {
        let value = try condition.evaluate(&evaluation)
        guard case .bool(let holds) = value else {
            throw EvaluationError(
                .noSuchOverload, "the condition is a value of type `\(value.typeName)`",
                range: condition.range)
        }
        return holds
    }
}
