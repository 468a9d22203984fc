internal import Glibc

/// Time as the process sees it: the wall clock for what is stored, a sleep for its loops. A process boundary: tests
/// drive it by hand.
package protocol WallClock: Sendable {
    func now() -> UnixTime
    /// How long the machine has been up: goes on evenly when somebody sets the wall clock.
    func uptime() -> Duration
    /// Returns when the time has passed; throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

extension WallClock {
    /// Of a clock that nobody sets: its own time.
    package func uptime() -> Duration { now() - UnixTime(milliseconds: 0) }
}

/// The clock of the operating system.
package struct SystemClock: WallClock {
    package init() {}

    package func now() -> UnixTime { .now() }

    /// `CLOCK_BOOTTIME`, which also counts while the machine sleeps.
    package func uptime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration)
    }
}
