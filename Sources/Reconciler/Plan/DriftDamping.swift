package import Store

/// How soon a resource is healed again that keeps being changed outside of git. Pure.
///
/// Whatever changes it would otherwise be fought at every look: each time it is healed within a day, the next time waits
/// twice as long. Nobody waits who plans or applies.
package enum DriftDamping {
    static let first = Duration.seconds(60)
    static let longest = Duration.seconds(3600)

    /// When a resource may be healed next.
    static func nextHealing(_ drift: Drift) -> UnixTime {
        // The first healing is followed by no wait at all: most drift is an accident that happens once.
        guard drift.count > 1 else { return drift.healedAt }
        return drift.healedAt + min(first * (1 << min(drift.count - 2, 10)), longest)
    }

    /// What has to wait, and until when, by id.
    package static func damped(_ drifts: [Drift], now: UnixTime) -> [String: UnixTime] {
        var ids: [String: UnixTime] = [:]
        for drift in drifts {
            let next = nextHealing(drift)
            // A clock that was set back makes nothing wait longer than its own backoff.
            if now < next, next - now <= longest { ids[drift.id] = next }
        }
        return ids
    }
}
