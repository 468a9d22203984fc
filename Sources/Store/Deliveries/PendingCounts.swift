import GRDB
import Synchronization

/// How many deliveries are pending, in all and for each subscription.
///
/// Kept in memory by the process that runs the state, because counting a million rows takes a tenth of a second and
/// intake asks for every event. Every shared commit adds what it changed, after it is durable; what another process
/// changed is noticed by `Store.refreshPendingCounts`.
package final class PendingCounts: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        var total = 0
        /// Of the writer's connection when everything was counted last; nil before the first time.
        var dataVersion: Int?
    }

    private let state = Mutex(State())

    init() {}

    /// Of all subscriptions.
    package var total: Int { state.withLock(\.total) }

    /// By subscription; the names without any are absent.
    package var all: [String: Int] { state.withLock(\.counts) }

    package func count(of subscription: String) -> Int { state.withLock { $0.counts[subscription] ?? 0 } }

    fileprivate var dataVersion: Int? { state.withLock(\.dataVersion) }

    /// Takes over what a commit changed.
    func apply(_ changes: PendingChanges) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            if let counted = changes.counted {
                state.counts = counted.counts
                state.total = counted.counts.values.reduce(0, +)
                state.dataVersion = counted.dataVersion
            }
            for (subscription, change) in changes.deltas {
                let known = changes.cleared.contains(subscription) ? 0 : state.counts[subscription] ?? 0
                let count = max(0, known + change)
                state.total += count - (state.counts[subscription] ?? 0)
                state.counts[subscription] = count == 0 ? nil : count
            }
        }
    }
}

/// What the work of one transaction changes about the pending deliveries.
struct PendingChanges {
    private(set) var deltas: [String: Int] = [:]
    /// Subscriptions whose deltas count from nothing.
    private(set) var cleared: Set<String> = []
    private(set) var counted: (counts: [String: Int], dataVersion: Int)?

    var isEmpty: Bool { deltas.isEmpty && counted == nil }

    mutating func add(_ count: Int, to subscription: String) {
        if count != 0 { deltas[subscription, default: 0] += count }
    }

    /// Nothing of the subscription is pending any more.
    mutating func clear(_ subscription: String) {
        deltas[subscription] = 0
        cleared.insert(subscription)
    }

    /// Everything was counted anew; what the transaction did before is in it.
    mutating func count(_ counts: [String: Int], dataVersion: Int) {
        deltas = [:]
        cleared = []
        counted = (counts, dataVersion)
    }
}

extension Store {
    /// Counts all pending deliveries anew if that was never done, or another process wrote to the state since.
    package func refreshPendingCounts() async throws {
        try await commits.perform { [pending] transaction in
            let database = transaction.database
            // Changes when another connection commits; ours alone writes in this process.
            let version = try Int.fetchOne(database, sql: "PRAGMA data_version") ?? 0
            guard pending.dataVersion != version else { return }
            transaction.pending.count(try Self.countPending(database), dataVersion: version)
        }
    }

    /// How many deliveries of each subscription are pending; the names without any are absent.
    package func pendingDeliveries() async throws -> [String: Int] {
        try await read { try Self.countPending($0) }
    }

    /// delivery_due covers it.
    private static func countPending(_ database: Database) throws -> [String: Int] {
        // Nearly always there is no cancellation, and nothing to ask of a million rows.
        let hasCancellations =
            try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM cancellation)") ?? false
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT subscription, count(*) AS n FROM delivery d
                WHERE status = 'pending' \(hasCancellations ? "AND NOT \(isCancelled("d"))" : "") GROUP BY subscription
                """)
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["subscription"], $0["n"]) })
    }
}
