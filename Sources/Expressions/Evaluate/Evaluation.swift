/// The state of one evaluation: where variables come from, local variables, and what may still be spent.
struct Evaluation {
    let activation: Activation
    /// Units of cost that are left.
    var remaining: Int
    /// The variables that macros introduce, by the slots that the planner gave them.
    var locals: [CELValue]
    /// The last regular expression that came from data, for the next element of a loop.
    private var lastExpression: (pattern: String, compiled: RegularExpression)?
    /// Where the values of sub-expressions are noted; nil unless they are wanted.
    let trace: Trace?

    init(_ activation: Activation, limit: Int, localCount: Int, trace: Trace? = nil) {
        self.activation = activation
        remaining = limit
        locals = localCount == 0 ? [] : Array(repeating: .null, count: localCount)
        self.trace = trace
    }

    @inline(__always)
    mutating func charge(_ units: Int) throws(EvaluationError) {
        guard units <= remaining else { throw Self.limitReached }
        remaining -= units
    }

    /// Charges for looking at, or making, a text of that many bytes.
    @inline(__always)
    mutating func chargeTraversal(_ bytes: Int) throws(EvaluationError) {
        try charge(Cost.traversing(bytes))
    }

    /// A regular expression that is only known now; compiling it is charged.
    mutating func expression(for pattern: String) throws(EvaluationError) -> RegularExpression {
        if let last = lastExpression, ScalarString.equal(last.pattern, pattern) { return last.compiled }
        try charge(Cost.compilePattern)
        let compiled = try RegularExpression(pattern)
        lastExpression = (pattern, compiled)
        return compiled
    }

    private static var limitReached: EvaluationError {
        EvaluationError(.costLimit, "the expression exceeds its limit of cost")
    }
}
