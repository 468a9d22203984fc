/// Time as the process sees it: the wall clock for what is stored, a sleep for its loops. A process boundary: tests
/// drive it by hand.
package protocol WallClock: Sendable {
    func now() -> UnixTime
    /// Returns when the time has passed; throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The clock of the operating system.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> UnixTime { .now() }

    package func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration)
    }
}
