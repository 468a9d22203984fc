internal import Resources

/// How long to wait before the next attempt of a step: exponential with jitter. The random part follows from run, step and
/// attempt, so that the engine stays a function.
enum Backoff {
    /// - Parameters:
    ///   - attempt: of the current budget, counted from 1, the one that has just failed.
    ///   - retryAfter: what the answer asked for; extends the wait, up to `maxBackoff`.
    static func delay(
        after attempt: Int, _ policy: RetryPolicy, retryAfter: Duration?, run: RunID, step: StepAddress
    ) -> Duration {
        let limit = Double(policy.maxBackoff.wholeMilliseconds)
        var base = min(Double(policy.initialBackoff.wholeMilliseconds), limit)
        for _ in 1..<max(attempt, 1) where base < limit { base = min(base * policy.multiplier, limit) }
        let spread = base * policy.jitter * (2 * random(run, step, attempt) - 1)
        let wait = min(max(base + spread, 0), limit)
        let asked = min(Double(retryAfter?.wholeMilliseconds ?? 0), limit)
        return .milliseconds(Int64(max(wait, asked)))
    }

    /// From 0 up to 1.
    private static func random(_ run: RunID, _ step: StepAddress, _ attempt: Int) -> Double {
        let digest = ResourceDigest(of: "jitter\n\(run)\n\(step)\n\(attempt)")
        return Double(UInt64(digest.hex.prefix(13), radix: 16) ?? 0) / Double(1 << 52)
    }
}
