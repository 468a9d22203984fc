/// What is wrong, or doubtful, with an expression: what the author sees.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable { case error, warning }

    /// Stable names of what can be wrong, for filters and documentation.
    package enum Code: String, Sendable, CaseIterable {
        /// The text does not follow CEL's grammar.
        case syntax = "cel-syntax"
        /// `${` in a place that takes bare CEL.
        case templateInCondition = "cel-template-in-condition"
        /// A quotation mark from a text processor.
        case typographicQuote = "cel-typographic-quote"
        /// `and`, `or`, `not` in place of an operator.
        case operatorWord = "cel-operator-word"
        /// Too long or nested too deeply.
        case tooLarge = "cel-too-large"
        /// A name that is not declared.
        case undeclared = "cel-undeclared"
        /// A name that is known, and not there in this place.
        case unavailable = "cel-unavailable"
        /// A name with a hyphen, which CEL reads as a subtraction.
        case hyphenatedName = "cel-hyphenated-name"
        /// A field that the type does not have.
        case unknownField = "cel-unknown-field"
        /// A field that may be absent, used without a test whether it is there.
        case optionalField = "cel-optional-field"
        /// An operator or function that does not take these types.
        case overload = "cel-overload"
        /// The result has another type than the place needs.
        case resultType = "cel-result-type"
        /// A literal that cannot be right, such as a regular expression with an error.
        case invalidLiteral = "cel-invalid-literal"
        /// A secret where it could leak.
        case secret = "cel-secret"
        /// `${` without `}`, or the other way round.
        case template = "cel-template"
        /// May exceed the limit of cost.
        case cost = "cel-cost"
    }

    package let code: Code
    package let severity: Severity
    package let message: String
    /// The place in the source, in Unicode scalars.
    package let range: Range<Int>
    /// What to write instead.
    package let hint: String?

    package init(
        code: Code, severity: Severity = .error, message: String, range: Range<Int>, hint: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.range = range
        self.hint = hint
    }

    /// True for complaints that stay true whatever the parser made of the rest.
    var isTrap: Bool { code == .operatorWord }

    /// The same diagnostic in a text in which the expression begins at `distance`.
    package func moved(by distance: Int) -> Diagnostic {
        Diagnostic(
            code: code, severity: severity, message: message,
            range: range.lowerBound + distance..<range.upperBound + distance, hint: hint)
    }
}

/// Why an expression cannot be used: every problem that was found, in the order of the source.
package struct CompilationError: Error, Sendable, Equatable {
    /// At least one error, and the warnings found with it.
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

extension CompilationError: CustomStringConvertible {
    package var description: String { diagnostics.map(\.message).joined(separator: "; ") }
}
