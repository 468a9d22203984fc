import HTTPTypes
import Store

/// `GET /syncz`: whether the live state follows git. For alerts; a pod that is restarted for it would not get well.
struct SyncProbe {
    let store: Store
    /// Between two rounds of the sync loop.
    let interval: Duration
    let clock: any WallClock

    /// Rounds that may fail before it counts.
    static let missedRounds = 5

    var route: APIRoute {
        APIRoute(.get, "/syncz", .open, "Whether the live state follows git.") { _ in
            if let problem = Self.problem(try await store.syncRecord(), interval: interval, now: clock.now())
            {
                throw Problem.unavailable(problem)
            }
            return .text("ok\n")
        }
    }

    /// What is wrong, in words; nil when nothing is.
    static func problem(_ sync: SyncRecord, interval: Duration, now: UnixTime) -> String? {
        if sync.result == .held {
            return "the commit \(sync.seenCommit.prefix(7)) is held (\(sync.reason)): \(sync.message)"
        }
        guard let success = sync.lastSuccess else { return "no sync has succeeded yet" + cause(sync) }
        guard now - success > interval * missedRounds else { return nil }
        return "the last successful sync was at \(success)" + cause(sync)
    }

    private static func cause(_ sync: SyncRecord) -> String {
        sync.result == .failed ? ": \(sync.message)" : ""
    }
}
