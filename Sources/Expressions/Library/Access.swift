/// Fields, indices and keys, also through optionals.
enum Access {
    /// `operand[index]`.
    static func index(_ operand: CELValue, _ index: CELValue) throws(EvaluationError) -> CELValue {
        if case .optional(let optional) = operand {
            guard let inner = optional.value else { return operand }
            return .optional(try find(inner, index).map { CELValue.CELOptional($0) } ?? .none)
        }
        if let value = try find(operand, index) { return value }
        if case .list(let list) = operand {
            throw EvaluationError(
                .indexOutOfRange, "index \(index.text) is out of range for \(list.count) elements")
        }
        throw .noSuchKey(index.text)
    }

    /// `operand[?index]`.
    static func optionalIndex(
        _ operand: CELValue, _ index: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .optional(let optional) = operand else {
            return .optional(try find(operand, index).map { CELValue.CELOptional($0) } ?? .none)
        }
        guard let inner = optional.value else { return operand }
        return try optionalIndex(inner, index, &evaluation)
    }

    /// nil where there is no such element.
    private static func find(_ operand: CELValue, _ index: CELValue) throws(EvaluationError) -> CELValue? {
        switch operand {
        case .list(let list):
            guard let position = position(index) else { throw .noSuchOverload("[]", [operand, index]) }
            return 0..<list.count ~= position ? list[position] : nil
        case .map(let map): return map.value(for: index)
        default: throw .noSuchOverload("[]", [operand, index])
        }
    }

    /// A number without a fraction as a position; far outside of any list when it is too large.
    private static func position(_ index: CELValue) -> Int? {
        switch index {
        case .int(let value): Int(value)
        case .uint(let value): Int(clamping: value)
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// `operand.field`.
    static func field(_ operand: CELValue, _ field: String) throws(EvaluationError) -> CELValue {
        switch operand {
        case .map(let map):
            guard let value = map.value(forField: field) else { throw .noSuchKey("`\(field)`") }
            return value
        case .optional: return try optionalField(operand, field)
        default:
            throw EvaluationError(
                .noSuchOverload, "a value of type `\(operand.typeName)` has no field `\(field)`")
        }
    }

    /// `operand.?field`.
    static func optionalField(_ operand: CELValue, _ field: String) throws(EvaluationError) -> CELValue {
        switch operand {
        case .map(let map):
            return .optional(map.value(forField: field).map { CELValue.CELOptional($0) } ?? .none)
        case .optional(let optional):
            guard let inner = optional.value else { return operand }
            return try optionalField(inner, field)
        default:
            throw EvaluationError(
                .noSuchOverload, "a value of type `\(operand.typeName)` has no field `\(field)`")
        }
    }

    /// `has(operand.field)`.
    static func hasField(_ operand: CELValue, _ field: String) throws(EvaluationError) -> Bool {
        switch operand {
        case .map(let map): return map.value(forField: field) != nil
        case .optional(let optional):
            return try optional.value.map { value throws(EvaluationError) in try hasField(value, field) }
                ?? false
        default:
            throw EvaluationError(
                .noSuchOverload, "a value of type `\(operand.typeName)` has no field `\(field)`")
        }
    }
}

extension CELValue {
    /// The value in a message: short, and never a secret.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .uint(let value): "\(value)u"
        case .double(let value): "\(value)"
        case .string(let value):
            value.unicodeScalars.count > 40 ? "'\(String(value.prefix(40)))…'" : "'\(value)'"
        default: "of type `\(typeName)`"
        }
    }
}
