internal import JSON

/// A part of a program that yields a value.
///
/// Programs are trees of nodes whose stored properties are all constant and `Sendable`; that is what makes the
/// unchecked conformance of this class and of its subclasses true.
class Node: @unchecked Sendable {
    /// Where the expression stands in the source.
    let range: Range<Int>

    init(_ range: Range<Int>) { self.range = range }

    func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        preconditionFailure("a node without an evaluation")
    }

    /// The value as JSON; a value that is JSON already keeps the digits of its numbers.
    func json(_ evaluation: inout Evaluation) throws(EvaluationError) -> JSONValue? {
        let value = try evaluate(&evaluation)
        do throws(EvaluationError) {
            return try value.json(&evaluation)
        } catch {
            throw error.located(at: range)
        }
    }

    /// The value when it is the same in every evaluation.
    var constant: CELValue? { nil }
}

/// A literal, or a part that was evaluated at compile time.
final class ConstantNode: Node, @unchecked Sendable {
    private let value: CELValue

    init(_ value: CELValue, _ range: Range<Int>) {
        self.value = value
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue { value }

    override var constant: CELValue? { value }
}

/// A part that fails whenever it is evaluated, such as a name that nobody knows.
final class FailureNode: Node, @unchecked Sendable {
    private let error: EvaluationError

    init(_ error: EvaluationError, _ range: Range<Int>) {
        self.error = error.located(at: range)
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue { throw error }
}

/// Notes the value of another node.
final class TracedNode: Node, @unchecked Sendable {
    private let node: Node

    init(_ node: Node) {
        self.node = node
        super.init(node.range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        do throws(EvaluationError) {
            let value = try node.evaluate(&evaluation)
            evaluation.trace?.note(range, .success(value))
            return value
        } catch {
            evaluation.trace?.note(range, .failure(error))
            throw error
        }
    }
}
