import Logging
import ServiceLifecycle
package import Store

/// Syncs on a schedule, and at once when it is asked to.
package final class SyncLoop: Service {
    private let schedule: SyncSchedule
    private let clock: any WallClock
    private let random: @Sendable () -> any RandomNumberGenerator
    private let sync: @Sendable () async -> SyncOutcome
    private let nudge = Nudge()

    /// Between two rounds that were asked for: a storm of pushes is one look a second, and the last one is seen.
    static let shortestGap = Duration.seconds(1)

    /// - Parameter sync: one round; ``Synchronizer/runOnce()``.
    package init(
        _ schedule: SyncSchedule, clock: any WallClock = SystemClock(),
        random: @escaping @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() },
        sync: @escaping @Sendable () async -> SyncOutcome
    ) {
        self.schedule = schedule
        self.clock = clock
        self.random = random
        self.sync = sync
    }

    /// Makes a round begin now, or another one when the one under way has ended; at most one in ``shortestGap``.
    package func triggerNow() { nudge.raise() }

    /// Runs rounds until the task is cancelled or the service group shuts down. A round that has begun to apply
    /// finishes its transaction.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            var random = self.random()
            var lastAsked: UnixTime?
            while !Task.isCancelled {
                failures = await self.sync().backsOff ? failures + 1 : 0
                let began = self.clock.now()
                let delay = self.schedule.delay(afterFailures: failures, using: &random)
                await self.nudge.wait(atMost: delay, self.clock)
                guard self.clock.now() - began < delay else { continue }
                await self.keepGap(after: lastAsked)
                // Whoever asked until now gets this round.
                self.nudge.lower()
                lastAsked = self.clock.now()
            }
        }
    }

    /// Whoever asks meanwhile asks for the same round. A clock that was set back does not make it longer.
    private func keepGap(after lastAsked: UnixTime?) async {
        guard let lastAsked, !Task.isCancelled else { return }
        let gap = Self.shortestGap - (clock.now() - lastAsked)
        guard gap > .zero, gap <= Self.shortestGap else { return }
        // Cancelled means that the loop ends.
        try? await clock.sleep(for: gap)
    }
}
