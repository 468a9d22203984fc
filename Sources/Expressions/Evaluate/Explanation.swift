/// How a result came about.
package struct Explanation: Sendable {
    /// One evaluation of one sub-expression; in a macro there is one for each pass.
    package struct Part: Sendable {
        /// The place in the source, in Unicode scalars.
        package let range: Range<Int>
        package let result: Result<CELValue, EvaluationError>

        /// The text of the sub-expression.
        package func text(in source: String) -> String {
            String(scalars: source.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count))
        }
    }

    package let result: Result<CELValue, EvaluationError>
    /// In the order of evaluation: operands stand before what is made of them. Literals are left out.
    package let parts: [Part]
    /// True when there were more parts than are kept.
    package let isTruncated: Bool
    /// Units of cost that were used up.
    package let cost: Int
}
