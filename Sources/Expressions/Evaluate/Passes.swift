/// What the comprehensions have in common: going through a list or a map, one pass after the other.
struct Passes: Sendable {
    let target: Node
    let slot: Int
    /// Two variables: index and element, or key and value.
    let isPair: Bool
    let kind: ComprehensionKind

    /// Calls `pass` with the variables set, until it returns false.
    ///
    /// - Parameter pass: gets the index of a list or the key of a map, as far as there are two variables, else
    ///   the element or key.
    func run(
        _ evaluation: inout Evaluation,
        _ pass: (CELValue, inout Evaluation) throws(EvaluationError) -> Bool
    ) throws(EvaluationError) {
        let collection = try target.evaluate(&evaluation)
        switch collection {
        case .list(let list): try run(list, &evaluation, pass)
        case .map(let map): try run(map, &evaluation, pass)
        default:
            throw EvaluationError(
                .noSuchOverload, "a value of type `\(collection.typeName)` has no elements to go through",
                range: target.range)
        }
    }

    private func run(
        _ list: CELList, _ evaluation: inout Evaluation,
        _ pass: (CELValue, inout Evaluation) throws(EvaluationError) -> Bool
    ) throws(EvaluationError) {
        for position in 0..<list.count {
            try evaluation.charge(Cost.iteration(kind))
            let element = list[position]
            evaluation.locals[slot] = isPair ? .int(Int64(position)) : element
            if isPair { evaluation.locals[slot + 1] = element }
            guard try pass(isPair ? .int(Int64(position)) : element, &evaluation) else { return }
        }
    }

    private func run(
        _ map: CELMap, _ evaluation: inout Evaluation,
        _ pass: (CELValue, inout Evaluation) throws(EvaluationError) -> Bool
    ) throws(EvaluationError) {
        for position in 0..<map.count {
            try evaluation.charge(Cost.iteration(kind))
            let (key, value) = map[position]
            evaluation.locals[slot] = key
            if isPair { evaluation.locals[slot + 1] = value }
            guard try pass(key, &evaluation) else { return }
        }
    }
}
