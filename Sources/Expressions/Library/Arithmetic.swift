/// `+ - * / %` and negation; integers never wrap.
enum Arithmetic {
    static func add(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(try checked(left.addingReportingOverflow(right)))
        case (.uint(let left), .uint(let right)):
            return .uint(try checked(left.addingReportingOverflow(right)))
        case (.double(let left), .double(let right)): return .double(left + right)
        case (.string(let left), .string(let right)):
            try evaluation.chargeTraversal(left.utf8.count + right.utf8.count)
            return .string(left + right)
        case (.bytes(let left), .bytes(let right)):
            try evaluation.chargeTraversal(left.count + right.count)
            return .bytes(left + right)
        case (.list(let left), .list(let right)):
            try evaluation.charge(left.count + right.count)
            return .list(left.elements + right.elements)
        case (.secret, _), (_, .secret): return try addSecret(left, right, &evaluation)
        default: return try addTime(left, right)
        }
    }

    private static func addTime(_ left: CELValue, _ right: CELValue) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.timestamp(let time), .duration(let duration)), (.duration(let duration), .timestamp(let time)):
            guard let sum = time.adding(duration) else { throw .outOfRange("the timestamp") }
            return .timestamp(sum)
        case (.duration(let left), .duration(let right)):
            return .duration(
                CELDuration(
                    nanoseconds: try checked(left.nanoseconds.addingReportingOverflow(right.nanoseconds))))
        default: throw .noSuchOverload("+", [left, right])
        }
    }

    /// The result names the secrets and holds no value of them.
    private static func addSecret(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        func secret(_ value: CELValue) throws(EvaluationError) -> SecretText {
            switch value {
            case .secret(let secret): return secret
            case .string(let text): return SecretText(parts: [.text(text)])
            default: throw .secretMisuse
            }
        }
        try evaluation.charge(left.size + right.size)
        return .secret(try secret(left) + secret(right))
    }

    static func subtract(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(let left), .int(let right)):
            return .int(try checked(left.subtractingReportingOverflow(right)))
        case (.uint(let left), .uint(let right)):
            return .uint(try checked(left.subtractingReportingOverflow(right)))
        case (.double(let left), .double(let right)): return .double(left - right)
        case (.timestamp(let left), .timestamp(let right)):
            guard let span = left.since(right) else { throw .outOfRange("the duration") }
            return .duration(span)
        case (.timestamp(let time), .duration(let duration)):
            guard let difference = time.adding(duration, negated: true) else {
                throw .outOfRange("the timestamp")
            }
            return .timestamp(difference)
        case (.duration(let left), .duration(let right)):
            return .duration(
                CELDuration(
                    nanoseconds: try checked(left.nanoseconds.subtractingReportingOverflow(right.nanoseconds))
                ))
        default: throw .noSuchOverload("-", [left, right])
        }
    }

    static func multiply(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(let left), .int(let right)): .int(try checked(left.multipliedReportingOverflow(by: right)))
        case (.uint(let left), .uint(let right)):
            .uint(try checked(left.multipliedReportingOverflow(by: right)))
        case (.double(let left), .double(let right)): .double(left * right)
        default: throw .noSuchOverload("*", [left, right])
        }
    }

    static func divide(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(_), .int(0)), (.uint(_), .uint(0)):
            throw EvaluationError(.divideByZero, "division by zero")
        case (.int(let left), .int(let right)): .int(try checked(left.dividedReportingOverflow(by: right)))
        case (.uint(let left), .uint(let right)): .uint(left / right)
        case (.double(let left), .double(let right)): .double(left / right)
        default: throw .noSuchOverload("/", [left, right])
        }
    }

    static func modulo(
        _ left: CELValue, _ right: CELValue, _ evaluation: inout Evaluation
    ) throws(EvaluationError) -> CELValue {
        switch (left, right) {
        case (.int(_), .int(0)), (.uint(_), .uint(0)): throw EvaluationError(.divideByZero, "modulus by zero")
        case (.int(let left), .int(let right)):
            .int(try checked(left.remainderReportingOverflow(dividingBy: right)))
        case (.uint(let left), .uint(let right)): .uint(left % right)
        default: throw .noSuchOverload("%", [left, right])
        }
    }

    static func negate(_ value: CELValue, _ evaluation: inout Evaluation) throws(EvaluationError) -> CELValue
    {
        switch value {
        case .int(let value): .int(try checked(Int64(0).subtractingReportingOverflow(value)))
        case .double(let value): .double(-value)
        default: throw .noSuchOverload("-", [value])
        }
    }

    private static func checked<Value>(
        _ result: (partialValue: Value, overflow: Bool)
    ) throws(EvaluationError) -> Value {
        guard !result.overflow else { throw .outOfRange("the result") }
        return result.partialValue
    }
}
