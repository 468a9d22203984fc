import ServiceLifecycle
package import Store

/// Notices that somebody suspended or resumed something, or that the time of a suspension is over, and asks for a round.
package final class SuspensionWatcher: Service {
    private let clock: any WallClock
    private let suspensions: @Sendable (UnixTime) async throws -> [Suspension]
    private let onChange: @Sendable () -> Void

    static let interval = Duration.seconds(1)

    /// - Parameter suspensions: what is stopped at a moment; ``Store/suspensions(now:)``.
    package init(
        clock: any WallClock = SystemClock(),
        suspensions: @escaping @Sendable (UnixTime) async throws -> [Suspension],
        onChange: @escaping @Sendable () -> Void
    ) {
        self.clock = clock
        self.suspensions = suspensions
        self.onChange = onChange
    }

    /// Looks once a second until the task is cancelled or the service group shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: [Suspension]?
            while !Task.isCancelled {
                if let now = await self.current() {
                    if let known, known != now { self.onChange() }
                    known = now
                }
                // Cancelled means that the loop ends.
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    /// nil when the state cannot be read now; the next look is a second away.
    private func current() async -> [Suspension]? {
        do { return try await suspensions(clock.now()) } catch { return nil }
    }
}
