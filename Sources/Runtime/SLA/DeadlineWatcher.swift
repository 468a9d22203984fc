import Logging
import ServiceLifecycle
import Store

/// Says once of every unresolved ticket that it passed its due time, and computes due times anew when a policy changed.
///
/// What fell due while the process was down is found at the start: the state knows the due times and which tickets were
/// spoken of.
struct DeadlineWatcher: Service {
    let store: Store
    let records: RecordWriter
    let live: ConfigurationWatcher
    let heartbeats: Heartbeats
    let clock: any WallClock
    let logger: Logger

    /// The longest time between two looks; a ticket's due time comes to the second.
    static let interval = Duration.seconds(1)
    private static let batch = 200

    /// What one round did.
    struct Report: Sendable, Equatable {
        var breached = 0
        var computed = 0
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                heartbeats.beat("deadlines")
                do {
                    _ = try await runOnce(now: clock.now())
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("cannot look after due times", metadata: ["error": "\(error)"])
                }
                // A cancelled sleep ends the loop.
                try? await clock.sleep(for: Self.interval)
            }
        }
        heartbeats.end("deadlines")
    }

    /// One round: first the due times of the policies as they are, then what has passed.
    func runOnce(now: UnixTime) async throws -> Report {
        var report = Report()
        report.computed = try await computeDeadlines()
        while true {
            let overdue = try await store.overdueTickets(now: now, limit: Self.batch)
            for ticket in overdue where try await records.breach(ticket) { report.breached += 1 }
            heartbeats.beat("deadlines")
            if overdue.count < Self.batch { return report }
        }
    }

    /// Computes the due times of all open tickets when the policies are others than the last time, in batches. It begins
    /// again after a crash: a ticket whose time is right is not written.
    private func computeDeadlines() async throws -> Int {
        let digest = live.current.policiesDigest
        guard live.current.serial > 0, try await store.computedPolicies() != digest else { return 0 }
        var count = 0
        var last = CommitSequence(0)
        while true {
            let tickets = try await store.openTickets(after: last, limit: Self.batch)
            for ticket in tickets {
                // One that changed in the meantime was computed by its change.
                if try await records.updateDeadline(of: ticket) { count += 1 }
                last = ticket.sequence
            }
            heartbeats.beat("deadlines")
            if tickets.count < Self.batch { break }
        }
        try await store.setComputedPolicies(digest)
        return count
    }
}
