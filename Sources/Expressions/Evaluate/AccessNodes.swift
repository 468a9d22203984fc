internal import JSON

/// A variable of the activation.
final class VariableNode: Node, @unchecked Sendable {
    private let name: String
    private let hint: Int

    /// - Parameter hint: the variable's place among the declarations.
    init(_ name: String, hint: Int, _ range: Range<Int>) {
        self.name = name
        self.hint = hint
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        try evaluation.charge(Cost.access)
        guard let value = try evaluation.activation.value(name, hint: hint) else {
            throw EvaluationError(.unknownName, "the variable `\(name)` has no value", range: range)
        }
        return value
    }
}

/// A variable that a macro introduced.
final class LocalNode: Node, @unchecked Sendable {
    private let slot: Int

    init(slot: Int, _ range: Range<Int>) {
        self.slot = slot
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        try evaluation.charge(Cost.access)
        return evaluation.locals[slot]
    }
}

/// `base.a.b.c`: one node for the whole path, which is walked inside of the JSON without making values of what
/// lies on the way.
final class PathNode: Node, @unchecked Sendable {
    private let base: Node
    private let fields: [String]

    init(_ base: Node, _ fields: [String], _ range: Range<Int>) {
        self.base = base
        self.fields = fields
        super.init(range)
    }

    /// The same path and one more field.
    func appending(_ field: String, _ range: Range<Int>) -> PathNode {
        PathNode(base, fields + [field], range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        switch try find(&evaluation) {
        case .value(let value): return value
        case .json(let json): return CELValue(json)
        }
    }

    override func json(_ evaluation: inout Evaluation) throws(EvaluationError) -> JSONValue? {
        switch try find(&evaluation) {
        case .value(let value): return try value.json(&evaluation)
        case .json(let json):
            try evaluation.chargeTraversal(CELValue(json).size)
            return json
        }
    }

    private enum Found {
        case value(CELValue)
        case json(JSONValue)
    }

    private func find(_ evaluation: inout Evaluation) throws(EvaluationError) -> Found {
        var value = try base.evaluate(&evaluation)
        try evaluation.charge(fields.count)
        for position in fields.indices {
            if case .map(.json(let object)) = value {
                return .json(try find(in: object, from: position))
            }
            do throws(EvaluationError) {
                value = try Access.field(value, fields[position])
            } catch {
                throw error.located(at: range)
            }
        }
        return .value(value)
    }

    private func find(in object: JSONObject, from position: Int) throws(EvaluationError) -> JSONValue {
        guard var json = object[fields[position]] else { throw missing(position) }
        for position in fields.indices.dropFirst(position + 1) {
            guard case .object(let object) = json else {
                let message =
                    "a value of type `\(CELValue(json).typeName)` has no field `\(fields[position])`"
                throw EvaluationError(.noSuchOverload, message, range: range)
            }
            guard let member = object[fields[position]] else { throw missing(position) }
            json = member
        }
        return json
    }

    private func missing(_ position: Int) -> EvaluationError {
        .noSuchKey("`\(fields[position])`").located(at: range)
    }
}

/// `operand.?field` and `has(operand.field)`.
final class FieldNode: Node, @unchecked Sendable {
    private let operand: Node
    private let field: String
    private let isTest: Bool

    init(_ operand: Node, _ field: String, isTest: Bool, _ range: Range<Int>) {
        self.operand = operand
        self.field = field
        self.isTest = isTest
        super.init(range)
    }

    override func evaluate(_ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue {
        let value = try operand.evaluate(&evaluation)
        try evaluation.charge(Cost.access)
        do throws(EvaluationError) {
            return isTest ? .bool(try Access.hasField(value, field)) : try Access.optionalField(value, field)
        } catch {
            throw error.located(at: range)
        }
    }
}
