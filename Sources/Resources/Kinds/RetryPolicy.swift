/// When a failed attempt is repeated: exponential backoff with jitter.
package struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first one included.
    package let maxAttempts: Int
    package let initialBackoff: Duration
    package let multiplier: Double
    package let maxBackoff: Duration
    /// The share of a wait that is random, 0 to 1.
    package let jitter: Double

    package init(
        maxAttempts: Int, initialBackoff: Duration, multiplier: Double, maxBackoff: Duration, jitter: Double
    ) {
        self.maxAttempts = maxAttempts
        self.initialBackoff = initialBackoff
        self.multiplier = multiplier
        self.maxBackoff = maxBackoff
        self.jitter = jitter
    }
}

extension RetryPolicy: SpecDecodable {
    init(_ retry: SpecReader) throws(SpecError) {
        self.init(
            maxAttempts: try retry.int("maxAttempts"), initialBackoff: try retry.duration("initialBackoff"),
            multiplier: try retry.double("multiplier"), maxBackoff: try retry.duration("maxBackoff"),
            jitter: try retry.double("jitter"))
    }
}
