/// The comprehensions that make a list or a map.
final class CollectNode: Node, @unchecked Sendable {
    private let passes: Passes
    private let filter: Node?
    private let body: Node

    init(_ passes: Passes, filter: Node?, _ body: Node, _ range: Range<Int>) {
        self.passes = passes
        self.filter = filter
        self.body = body
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        switch passes.kind {
        case .transformMap, .transformMapEntry: try map(&evaluation)
        case .sortBy: try sorted(&evaluation)
        default: try list(&evaluation)
        }
    }

    private func list(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var values: [CELValue] = []
        let isFilter = passes.kind == .filter
        try passes.run(&evaluation) { (element, evaluation) throws(EvaluationError) in
            guard try isIncluded(isFilter ? body : filter, &evaluation) else { return true }
            try evaluation.charge(Cost.collect(passes.kind))
            values.append(isFilter ? element : try body.evaluate(&evaluation))
            return true
        }
        return .list(values)
    }

    private func map(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var builder = MapBuilder()
        try passes.run(&evaluation) { (key, evaluation) throws(EvaluationError) in
            guard try isIncluded(filter, &evaluation) else { return true }
            try evaluation.charge(Cost.collect(passes.kind))
            let value = try body.evaluate(&evaluation)
            if passes.kind == .transformMap {
                try builder.add(key, value, at: range)
            } else {
                try addEntries(of: value, to: &builder, &evaluation)
            }
            return true
        }
        return .map(builder.map)
    }

    private func addEntries(
        of value: CELValue, to builder: inout MapBuilder, _ evaluation: inout Evaluation
    ) throws(EvaluationError) {
        guard case .map(let map) = value else {
            throw EvaluationError.noSuchOverload("transformMapEntry", [value]).located(at: body.range)
        }
        try evaluation.charge(map.count)
        for position in 0..<map.count {
            let (key, value) = map[position]
            try builder.add(key, value, at: body.range)
        }
    }

    private func sorted(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var elements: [CELValue] = []
        var keys: [CELValue] = []
        try passes.run(&evaluation) { (element, evaluation) throws(EvaluationError) in
            try evaluation.charge(Cost.collect(passes.kind))
            elements.append(element)
            keys.append(try body.evaluate(&evaluation))
            return true
        }
        do throws(EvaluationError) {
            return .list(try ListsLibrary.sorted(elements, by: keys, &evaluation))
        } catch {
            throw error.located(at: range)
        }
    }

    private func isIncluded(_ condition: Node?, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> Bool
    {
        guard let condition else { return true }
        let value = try condition.evaluate(&evaluation)
        guard case .bool(let holds) = value else {
            throw EvaluationError(
                .noSuchOverload, "the condition is a value of type `\(value.typeName)`",
                range: condition.range)
        }
        return holds
    }
}
