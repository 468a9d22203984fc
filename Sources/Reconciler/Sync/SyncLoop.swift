import Logging
import ServiceLifecycle
package import Store

/// Syncs on a schedule, and at once when it is asked to.
package final class SyncLoop: Service {
    private let schedule: SyncSchedule
    private let clock: any WallClock
    private let random: @Sendable () -> any RandomNumberGenerator
    private let sync: @Sendable () async -> SyncOutcome
    private let trigger = Trigger()

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

    /// Makes a round begin now, or another one as soon as the one under way has ended.
    package func triggerNow() { trigger.raise() }

    /// Runs rounds until the task is cancelled or the service group shuts down. A round that has begun to apply
    /// finishes its transaction.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            var random = self.random()
            while !Task.isCancelled {
                failures = await self.sync().backsOff ? failures + 1 : 0
                await self.pause(self.schedule.delay(afterFailures: failures, using: &random))
            }
        }
    }

    /// Returns after the delay, when a round was asked for, or when the task is cancelled.
    private func pause(_ delay: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled means that a round was asked for, or that the loop ends.
                try? await self.clock.sleep(for: delay)
            }
            group.addTask { await self.trigger.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
