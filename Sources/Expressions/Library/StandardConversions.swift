/// `int(x)`, `string(x)` and so on, `type(x)`, `dyn(x)`.
enum StandardConversions {
    static let functions: [Function] = [
        Function(signatures("int", ["int", "uint", "double", "string", "timestamp"]), .unary(int)),
        Function(signatures("uint", ["uint", "int", "double", "string"]), .unary(uint)),
        Function(signatures("double", ["double", "int", "uint", "string"]), .unary(double)),
        Function(
            signatures(
                "string", ["string", "int", "uint", "double", "bool", "bytes", "timestamp", "duration"]),
            cost: .traverseFirst, .unary(string)),
        Function(signatures("bytes", ["bytes", "string"]), cost: .traverseFirst, .unary(bytes)),
        Function(signatures("bool", ["bool", "string"]), .unary(bool)),
        Function(signatures("timestamp", ["timestamp", "string", "int"]), .unary(timestamp)),
        Function(signatures("duration", ["duration", "string"]), .unary(duration)),
        Function("type($A) -> type($A)", unary: type),
        Function("dyn($A) -> dyn", unary: dyn),
    ]

    private static func signatures(_ name: String, _ parameters: [String]) -> [String] {
        parameters.map { "\(name)(\($0)) -> \(name)" }
    }

    private static func int(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        let result: Int64?
        switch value {
        case .int: return value
        case .uint(let value): result = Int64(exactly: value)
        // Both ends are excluded: they are where a rounded value may come from beyond the range.
        case .double(let value): result = value > -0x1p63 && value < 0x1p63 ? Int64(value) : nil
        case .string(let text): result = Int64(text)
        case .timestamp(let time): result = time.seconds
        default: throw .noSuchOverload("int", [value])
        }
        guard let result else { throw .outOfRange("`int(\(value.text))`") }
        return .int(result)
    }

    private static func uint(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        let result: UInt64?
        switch value {
        case .uint: return value
        case .int(let value): result = UInt64(exactly: value)
        case .double(let value): result = value >= 0 && value < 0x1p64 ? UInt64(value) : nil
        case .string(let text): result = UInt64(text)
        default: throw .noSuchOverload("uint", [value])
        }
        guard let result else { throw .outOfRange("`uint(\(value.text))`") }
        return .uint(result)
    }

    private static func double(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .double: return value
        case .int(let value): return .double(Double(value))
        case .uint(let value): return .double(Double(value))
        case .string(let text):
            guard let number = Double(text) else { throw .invalidArgument("\(value.text) is not a number") }
            return .double(number)
        default: throw .noSuchOverload("double", [value])
        }
    }

    private static func string(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .string: return value
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .invalidArgument("the bytes are not UTF-8")
            }
            return .string(text)
        default:
            guard let text = value.scalarText else { throw .noSuchOverload("string", [value]) }
            return .string(text)
        }
    }

    private static func bytes(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .bytes: return value
        case .string(let text): return .bytes(Array(text.utf8))
        default: throw .noSuchOverload("bytes", [value])
        }
    }

    private static func bool(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("T"), .string("true"), .string("TRUE"), .string("True"):
            return .bool(true)
        case .string("0"), .string("f"), .string("F"), .string("false"), .string("FALSE"), .string("False"):
            return .bool(false)
        case .string: throw .invalidArgument("\(value.text) is not a bool")
        default: throw .noSuchOverload("bool", [value])
        }
    }

    private static func timestamp(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        let result: Timestamp?
        switch value {
        case .timestamp: return value
        case .string(let text): result = Timestamp(text)
        case .int(let seconds): result = Timestamp(seconds: seconds)
        default: throw .noSuchOverload("timestamp", [value])
        }
        guard let result else { throw .invalidArgument("\(value.text) is not a timestamp (RFC 3339)") }
        return .timestamp(result)
    }

    private static func duration(
        _ value: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        let result: CELDuration?
        switch value {
        case .duration: return value
        case .string(let text): result = CELDuration(text)
        default: throw .noSuchOverload("duration", [value])
        }
        guard let result else { throw .invalidArgument("\(value.text) is not a duration, such as '1h30m'") }
        return .duration(result)
    }

    private static func type(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        .type(.init(value.typeName))
    }

    private static func dyn(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError)
        -> CELValue
    {
        value
    }
}

extension CELValue {
    /// The text of a bool, number, time, string or type, as `string(x)` and templates write it; nil for others.
    var scalarText: String? {
        switch self {
        case .string(let text): text
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .double(let value): Self.text(value)
        case .timestamp(let time): time.description
        case .duration(let duration): duration.description
        case .type(let name): name.text
        default: nil
        }
    }

    /// The shortest decimal that reads back as the value; `NaN`, `Infinity`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
