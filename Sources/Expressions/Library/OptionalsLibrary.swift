/// Optional values; `optMap` and `optFlatMap` are macros, and `or` and `orValue` only evaluate what they need.
enum OptionalsLibrary {
    static let functions: [Function] = [
        Function("optional.none() -> optional_type($V)", many: none),
        Function("optional.of($V) -> optional_type($V)", unary: of),
        Function("optional.ofNonZeroValue($V) -> optional_type($V)", unary: ofNonZero),
        Function("optional.unwrap(list(optional_type($V))) -> list($V)", cost: .elements, unary: unwrap),
        Function("<list(optional_type($V))>.unwrapOpt() -> list($V)", cost: .elements, unary: unwrap),
        Function("<optional_type($V)>.hasValue() -> bool", unary: hasValue),
        Function("<optional_type($V)>.value() -> $V", unary: value),
        Function("<optional_type($V)>.or(optional_type($V)) -> optional_type($V)", binary: or),
        Function("<optional_type($V)>.orValue($V) -> $V", binary: orValue),
    ]

    private static func content(_ value: CELValue, _ function: String) throws(EvaluationError) -> CELValue? {
        guard case .optional(let optional) = value else { throw .noSuchOverload(function, [value]) }
        return optional.value
    }

    private static func none(_: [CELValue], _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .optional(.none)
    }

    private static func of(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .optional(.init(value))
    }

    private static func ofNonZero(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        .optional(value.isZero ? .none : .init(value))
    }

    private static func unwrap(_ list: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard case .list(let list) = list else { throw .noSuchOverload("optional.unwrap", [list]) }
        var result: [CELValue] = []
        for element in list.elements {
            if let value = try content(element, "optional.unwrap") { result.append(value) }
        }
        return .list(result)
    }

    private static func hasValue(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .bool(try content(value, "hasValue") != nil)
    }

    private static func value(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        guard let content = try content(value, "value") else {
            throw .invalidArgument("the optional has no value")
        }
        return content
    }

    private static func or(
        _ value: CELValue, _ other: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        try content(value, "or") == nil ? other : value
    }

    private static func orValue(
        _ value: CELValue, _ other: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        try content(value, "orValue") ?? other
    }
}

extension CELValue {
    /// Whether this is the value that a type has when nothing was set: 0, empty, false, null.
    var isZero: Bool {
        switch self {
        case .null, .omitted: true
        case .bool(let value): !value
        case .int(let value): value == 0
        case .uint(let value): value == 0
        case .double(let value): value == 0
        case .string, .bytes, .list, .map: size == 0
        case .timestamp(let time): time.seconds == Timestamp.range.lowerBound && time.nanoseconds == 0
        case .duration(let duration): duration.nanoseconds == 0
        case .optional(let optional): optional.value == nil
        case .type, .secret: false
        }
    }
}
