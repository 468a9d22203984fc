/// `size`, `contains`, `startsWith`, `endsWith`, `matches`.
enum StandardText {
    static let functions: [Function] = [
        Function(
            ["string", "bytes", "list($A)", "map($A, $B)"].map { "size(\($0)) -> int" }, .unary(size)),
        Function(
            ["string", "bytes", "list($A)", "map($A, $B)"].map { "<\($0)>.size() -> int" }, .unary(size)),
        Function("<string>.contains(string) -> bool", cost: .search, binary: contains),
        Function("<string>.startsWith(string) -> bool", cost: .traverseFirst, binary: startsWith),
        Function("<string>.endsWith(string) -> bool", cost: .traverseFirst, binary: endsWith),
        Function("<string>.matches(string) -> bool", cost: .pattern, binary: matches),
        Function("matches(string, string) -> bool", cost: .pattern, binary: matches),
    ]

    private static func size(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .string(let text):
            try evaluation.chargeTraversal(text.utf8.count)
            return .int(Int64(text.unicodeScalars.count))
        case .bytes, .list, .map: return .int(Int64(value.size))
        default: throw .noSuchOverload("size", [value])
        }
    }

    private static func contains(
        _ text: CELValue, _ part: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let part) = part else {
            throw .noSuchOverload("contains", [text, part])
        }
        return .bool(TextSearch.contains(text, part))
    }

    static func startsWith(
        _ text: CELValue, _ prefix: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let prefix) = prefix else {
            throw .noSuchOverload("startsWith", [text, prefix])
        }
        return .bool(TextSearch.hasPrefix(text, prefix))
    }

    private static func endsWith(
        _ text: CELValue, _ suffix: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let suffix) = suffix else {
            throw .noSuchOverload("endsWith", [text, suffix])
        }
        return .bool(TextSearch.hasSuffix(text, suffix))
    }

    private static func matches(
        _ text: CELValue, _ pattern: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        guard case .string(let text) = text, case .string(let pattern) = pattern else {
            throw .noSuchOverload("matches", [text, pattern])
        }
        return .bool(try evaluation.expression(for: pattern).matches(text))
    }
}
