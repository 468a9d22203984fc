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
