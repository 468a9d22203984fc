/// The values of sub-expressions, in the order in which they were found.
///
/// It belongs to one evaluation and is never shared.
final class Trace {
    private(set) var parts: [Explanation.Part] = []
    /// True when there were more parts than are kept.
    private(set) var isTruncated = false

    /// Enough for people; a macro over a long list has more.
    private static let maximumParts = 10_000

    func note(_ range: Range<Int>, _ result: Result<CELValue, EvaluationError>) {
        guard parts.count < Self.maximumParts else {
            isTruncated = true
            return
        }
        parts.append(Explanation.Part(range: range, result: result))
    }
}
