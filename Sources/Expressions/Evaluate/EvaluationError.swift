/// Why an evaluation has no result.
package struct EvaluationError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case noSuchKey = "no-such-key"
        case noSuchOverload = "no-such-overload"
        case unknownName = "unknown-name"
        case divideByZero = "divide-by-zero"
        case overflow
        case indexOutOfRange = "index-out-of-range"
        case invalidArgument = "invalid-argument"
        /// The evaluation was stopped; `||`, `&&`, `all` and `exists` do not absorb this one.
        case costLimit = "cost-limit"
        /// A secret was about to be looked at; the checker prevents it, this is the second lock.
        case secretMisuse = "secret-misuse"
    }

    package let code: Code
    package let message: String
    /// The expression that failed, as Unicode scalars of the source.
    package private(set) var range: Range<Int>?

    package init(_ code: Code, _ message: String, range: Range<Int>? = nil) {
        self.code = code
        self.message = message
        self.range = range
    }

    /// The same error with a place, unless it has one.
    func located(at range: Range<Int>) -> EvaluationError {
        guard self.range == nil else { return self }
        var copy = self
        copy.range = range
        return copy
    }

    /// The same error in a text in which the expression begins at `distance`.
    func moved(by distance: Int) -> EvaluationError {
        guard let range else { return self }
        var copy = self
        copy.range = range.lowerBound + distance..<range.upperBound + distance
        return copy
    }

    /// True for an error that a logical operator may absorb.
    var isAbsorbable: Bool { code != .costLimit }

    static func invalidArgument(_ message: String) -> EvaluationError {
        EvaluationError(.invalidArgument, message)
    }

    static func noSuchKey(_ key: String) -> EvaluationError {
        EvaluationError(.noSuchKey, "there is no key \(key)")
    }

    static func noSuchOverload(_ function: String, _ arguments: [CELValue]) -> EvaluationError {
        let types = arguments.map { "`\($0.typeName)`" }.joined(separator: ", ")
        return EvaluationError(.noSuchOverload, "`\(function)` does not take \(types)")
    }

    static func outOfRange(_ what: String) -> EvaluationError {
        EvaluationError(.overflow, "\(what) is out of range")
    }

    static var secretMisuse: EvaluationError {
        EvaluationError(.secretMisuse, "a secret can only be concatenated and base64-encoded")
    }
}

extension EvaluationError: CustomStringConvertible {
    package var description: String { message }
}
