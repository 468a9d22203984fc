import Store

/// Times as the pages show them.
enum DashboardTime {
    /// One or two units: `45s`, `3m`, `2h 5m`, `4d 3h`.
    static func age(_ time: UnixTime, now: UnixTime) -> String {
        let seconds = max(0, (now - time).components.seconds)
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<86_400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: return "\(seconds / 86_400)d \(seconds % 86_400 / 3600)h"
        }
    }

    static func ago(_ time: UnixTime, now: UnixTime) -> String { "\(age(time, now: now)) ago" }
}
