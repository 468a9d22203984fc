import Store

/// A rate limit: tokens come in at a steady rate, up to one second's worth, and every request takes one.
struct TokenBucket: Sendable, Equatable {
    /// Tokens a second.
    let rate: Double
    private var tokens: Double
    private var updated: UnixTime?

    init(rate: Double) {
        self.rate = rate
        tokens = max(1, rate)
    }

    /// Takes a token; false when there is none.
    mutating func take(now: UnixTime) -> Bool {
        refill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// When there is a token; nil when there is one now.
    mutating func nextToken(now: UnixTime) -> UnixTime? {
        refill(now)
        guard tokens < 1 else { return nil }
        return now + .milliseconds(max(1, Int64(((1 - tokens) / rate * 1000).rounded(.up))))
    }

    /// A clock that was set back adds nothing.
    private mutating func refill(_ now: UnixTime) {
        let elapsed = updated.map { max(0, now.milliseconds - $0.milliseconds) } ?? 0
        tokens = min(max(1, rate), tokens + Double(elapsed) * rate / 1000)
        updated = now
    }
}
