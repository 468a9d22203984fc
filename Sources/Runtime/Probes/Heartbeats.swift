import Synchronization

/// The pulse of the loops: each says that it turns, `/livez` looks for one that does not.
package final class Heartbeats: Sendable {
    private let beats = Mutex<[String: ContinuousClock.Instant]>([:])

    /// A loop without a sign of life for that long counts as stuck.
    package static let limit = Duration.seconds(30)

    package init() {}

    package func beat(_ loop: String) { beats.withLock { $0[loop] = .now } }

    /// A loop that has ended on purpose is not looked at any more.
    package func end(_ loop: String) { beats.withLock { $0[loop] = nil } }

    /// The loops that are stuck, by name.
    package func stuck(now: ContinuousClock.Instant = .now) -> [String] {
        beats.withLock { $0.filter { $0.value.duration(to: now) > Self.limit }.keys.sorted() }
    }
}
