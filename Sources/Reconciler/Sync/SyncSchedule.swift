import Resources

/// When the next round is due. Pure.
package struct SyncSchedule: Sendable, Equatable {
    /// Between rounds that work.
    package let interval: Duration
    /// Part of a delay by which it varies either way, so that many sidecars do not fetch at once.
    static let jitter = 0.1
    /// Between rounds that fail, at most.
    static let longestBackoff = Duration.seconds(15 * 60)
    package static let shortestInterval = Duration.seconds(1)

    package struct Invalid: Error, CustomStringConvertible {
        package var description: String {
            "the interval must be at least \(SyncSchedule.shortestInterval.configurationText)"
        }
    }

    package init(interval: Duration) throws(Invalid) {
        guard interval >= Self.shortestInterval else { throw Invalid() }
        self.interval = interval
    }

    /// The delay after `failures` failed rounds in a row: the interval, doubled by each of them.
    func delay(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let longest = max(interval, Self.longestBackoff)
        // 2^20 intervals of a second are beyond the longest backoff.
        let delay = min(interval * (1 << min(failures, 20)), longest)
        return delay * Double.random(in: (1 - Self.jitter)...(1 + Self.jitter), using: &random)
    }
}
