import Resources

/// How long to wait before the next attempt: exponential with jitter.
enum Backoff {
    /// - Parameters:
    ///   - attempt: the attempt of the current budget that has just failed, counted from 1.
    ///   - retryAfter: what the receiver asked for; extends the wait, up to `maxBackoff`.
    ///   - random: from 0 up to 1.
    static func delay(after attempt: Int, _ policy: RetryPolicy, retryAfter: Duration?, random: Double)
        -> Duration
    {
        let initial = policy.initialBackoff.inSeconds
        let limit = policy.maxBackoff.inSeconds
        // Multiplied no further than the limit needs, so that the product stays finite.
        var growth = 1.0
        for _ in 1..<max(attempt, 1) where initial * growth < limit { growth *= policy.multiplier }
        let base = min(initial * growth, limit)
        let spread = base * policy.jitter * (2 * random - 1)
        let wait = min(max(base + spread, 0), limit)
        let asked = min(retryAfter?.inSeconds ?? 0, limit)
        return .milliseconds(Int64(max(wait, asked) * 1000))
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
