/// A call of a function with one argument.
final class UnaryCallNode: Node, @unchecked Sendable {
    private let argument: Node
    private let body: Function.Unary
    private let cost: CallCost

    init(_ argument: Node, _ body: @escaping Function.Unary, _ cost: CallCost, _ range: Range<Int>) {
        self.argument = argument
        self.body = body
        self.cost = cost
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let argument = try argument.evaluate(&evaluation)
        let size = argument.size
        try evaluation.charge(cost.units(first: size, second: size, total: size))
        do throws(EvaluationError) {
            return try body(argument, &evaluation)
        } catch {
            throw error.located(at: range)
        }
    }
}

/// A call of a function with two arguments.
final class BinaryCallNode: Node, @unchecked Sendable {
    private let left: Node
    private let right: Node
    private let body: Function.Binary
    private let cost: CallCost

    init(
        _ left: Node, _ right: Node, _ body: @escaping Function.Binary, _ cost: CallCost, _ range: Range<Int>
    ) {
        self.left = left
        self.right = right
        self.body = body
        self.cost = cost
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let left = try left.evaluate(&evaluation)
        let right = try right.evaluate(&evaluation)
        let (first, second) = (left.size, right.size)
        try evaluation.charge(cost.units(first: first, second: second, total: first + second))
        do throws(EvaluationError) {
            return try body(left, right, &evaluation)
        } catch {
            throw error.located(at: range)
        }
    }
}

/// Any other call: with more arguments, or one whose function the values decide.
final class CallNode: Node, @unchecked Sendable {
    private let name: String
    private let arguments: [Node]
    private let candidates: [Function]

    init(_ name: String, _ arguments: [Node], _ candidates: [Function], _ range: Range<Int>) {
        self.name = name
        self.arguments = arguments
        self.candidates = candidates
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        var values: [CELValue] = []
        values.reserveCapacity(arguments.count)
        for argument in arguments { values.append(try argument.evaluate(&evaluation)) }
        do throws(EvaluationError) {
            return try call(values, &evaluation)
        } catch {
            throw error.located(at: range)
        }
    }

    private func call(_ values: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard
            let function = candidates.count == 1
                ? candidates[0] : candidates.first(where: { $0.mayTake(values) })
        else { throw .noSuchOverload(name, values) }
        let sizes = values.map(\.size)
        try evaluation.charge(
            function.cost.units(
                first: sizes.first ?? 1, second: sizes.dropFirst().first ?? 1, total: sizes.reduce(0, +)))
        switch function.body {
        case .unary(let body): return try body(values[0], &evaluation)
        case .binary(let body): return try body(values[0], values[1], &evaluation)
        case .many(let body): return try body(values, &evaluation)
        case .none: throw EvaluationError(.unknownName, "the function `\(name)` is only declared")
        }
    }
}

/// `text.matches(pattern)` with a constant pattern, compiled with the program.
final class MatchesNode: Node, @unchecked Sendable {
    private let text: Node
    private let expression: RegularExpression
    private let patternSize: Int

    init(_ text: Node, _ expression: RegularExpression, patternSize: Int, _ range: Range<Int>) {
        self.text = text
        self.expression = expression
        self.patternSize = patternSize
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let value = try text.evaluate(&evaluation)
        guard case .string(let text) = value else {
            throw EvaluationError.noSuchOverload("matches", [value]).located(at: range)
        }
        try evaluation.charge(
            CallCost.pattern.units(first: text.utf8.count, second: patternSize, total: text.utf8.count))
        return .bool(expression.matches(text))
    }
}
