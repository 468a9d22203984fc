/// `[a, ?b, c]`.
final class ListNode: Node, @unchecked Sendable {
    private let elements: [(node: Node, isOptional: Bool)]

    init(_ elements: [(node: Node, isOptional: Bool)], _ range: Range<Int>) {
        self.elements = elements
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        try evaluation.charge(Cost.createList)
        var values: [CELValue] = []
        values.reserveCapacity(elements.count)
        for (node, isOptional) in elements {
            let value = try node.evaluate(&evaluation)
            if let value = isOptional ? try value.content(at: node.range) : value { values.append(value) }
        }
        return .list(values)
    }
}

/// `{a: b, ?c: d}`.
final class MapNode: Node, @unchecked Sendable {
    private let entries: [(key: Node, value: Node, isOptional: Bool)]

    init(_ entries: [(key: Node, value: Node, isOptional: Bool)], _ range: Range<Int>) {
        self.entries = entries
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        try evaluation.charge(Cost.createMap)
        var builder = MapBuilder()
        for (keyNode, valueNode, isOptional) in entries {
            let key = try keyNode.evaluate(&evaluation)
            let value = try valueNode.evaluate(&evaluation)
            if let value = isOptional ? try value.content(at: valueNode.range) : value {
                try builder.add(key, value, at: keyNode.range)
            }
        }
        return .map(builder.map)
    }
}

extension MapBuilder {
    /// Adds an entry; a key that cannot be one, or is there already, is an error at its place.
    mutating func add(_ key: CELValue, _ value: CELValue, at range: Range<Int>) throws(EvaluationError) {
        do throws(Problem) {
            try add(key, value)
        } catch {
            let message =
                switch error {
                case .unsupportedKey: "a value of type `\(key.typeName)` cannot be a key of a map"
                case .repeatedKey: "the key \(key.text) is there twice"
                }
            throw EvaluationError(.invalidArgument, message, range: range)
        }
    }
}

extension CELValue {
    /// What an optional holds; anything else is an error at its place.
    fileprivate func content(at range: Range<Int>) throws(EvaluationError) -> CELValue? {
        guard case .optional(let optional) = self else {
            throw EvaluationError.noSuchOverload("?", [self]).located(at: range)
        }
        return optional.value
    }
}
