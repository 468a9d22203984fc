import GRDB

/// The pending deliveries of a deleted subscription are cancelled with the apply that deletes it, whatever their number:
/// a few are written at once, many are named by one row of `cancellation`, which counts from the same commit. Everything
/// that looks at pending deliveries looks at that table too.
extension Store {
    /// Deliveries that are written in the transaction of the apply itself.
    static let immediateCancellations = 1000

    /// A condition: the row of `delivery` under that name is cancelled, though it says `pending`.
    static func isCancelled(_ delivery: String) -> String {
        """
        EXISTS (SELECT 1 FROM cancellation c
            WHERE c.subscription = \(delivery).subscription AND c.up_to_seq >= \(delivery).seq)
        """
    }

    /// An assignment: the row ends in that way, except that what was delivered before it was sent again stays delivered.
    static func ends(_ status: DeliveryStatus) -> String {
        "status = CASE WHEN was_delivered = 1 THEN 'delivered' ELSE '\(status.rawValue)' END"
    }

    // delivery_due finds what is pending. The lanes are all that there are, and the sign keeps the order by sequence
    // out of it: without them SQLite takes delivery_log and passes over everything that was ever delivered.

    /// How many of a subscription are pending, counted up to a limit.
    static let countPendingSQL = """
        SELECT count(*) FROM (SELECT 1 FROM delivery
            WHERE subscription = ? AND status = 'pending' AND lane IN (0, 1, 2) LIMIT ?)
        """

    static let cancelPendingSQL = """
        UPDATE delivery SET \(ends(.cancelled)), finished_ms = ?
        WHERE subscription = ? AND status = 'pending' AND lane IN (0, 1, 2)
        """

    /// Some of those up to a sequence. The index shrinks by them.
    static let writeCancellationsSQL = """
        UPDATE delivery SET \(ends(.cancelled)), finished_ms = ?1 WHERE seq IN
            (SELECT seq FROM delivery
                WHERE subscription = ?2 AND status = 'pending' AND lane IN (0, 1, 2) AND +seq <= ?3 LIMIT ?4)
        """

    /// Cancels all pending deliveries of a subscription.
    static func cancelPending(of subscription: String, now: UnixTime, _ transaction: Transaction) throws {
        let database = transaction.database
        let count =
            try Int.fetchOne(
                database, sql: countPendingSQL, arguments: [subscription, immediateCancellations + 1]) ?? 0
        guard count > immediateCancellations else {
            try database.execute(sql: cancelPendingSQL, arguments: [now.milliseconds, subscription])
            return transaction.pending.clear(subscription)
        }
        // Deliveries that are made later have higher sequences.
        try database.execute(
            sql: """
                INSERT INTO cancellation (subscription, up_to_seq, at_ms) SELECT ?, max(seq), ? FROM delivery WHERE true
                ON CONFLICT (subscription) DO UPDATE SET up_to_seq = excluded.up_to_seq, at_ms = excluded.at_ms
                """, arguments: [subscription, now.milliseconds])
        transaction.cancellationsDidChange()
        transaction.pending.clear(subscription)
    }

    /// Writes some of the cancellations that are still to be written.
    ///
    /// - Parameter subscription: only of this one; nil for any.
    /// - Returns: how many there were; nil when none is left.
    package func writeCancellations(of subscription: String? = nil, limit: Int) async throws -> Int? {
        try await commits.perform { transaction in
            let database = transaction.database
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM cancellation WHERE ?1 IS NULL OR subscription = ?1 LIMIT 1",
                arguments: [subscription])
            guard let row else { return nil }
            let name: String = row["subscription"]
            try database.execute(
                sql: Self.writeCancellationsSQL,
                arguments: [row["at_ms"] as Int64, name, row["up_to_seq"] as Int64, limit])
            let count = database.changesCount
            if count < limit {
                try database.execute(
                    sql: "DELETE FROM cancellation WHERE subscription = ?", arguments: [name])
                transaction.cancellationsDidChange()
            }
            return count
        }
    }

    /// Writes the cancellation of one delivery, if it is cancelled and does not say so yet. The primary key finds it.
    func writeCancellation(
        of delivery: Int64, _ subscription: String, _ transaction: Transaction
    ) throws {
        guard let cancellation = try transaction.cancellations()[subscription],
            delivery <= cancellation.upTo
        else { return }
        try transaction.database.execute(
            sql: """
                UPDATE delivery SET \(Self.ends(.cancelled)), finished_ms = ? WHERE seq = ? AND status = 'pending'
                """,
            arguments: [cancellation.at, delivery])
    }
}

extension Transaction {
    /// What is cancelled and does not say so yet, as this transaction sees it; read once a commit.
    func cancellations() throws -> [String: (upTo: Int64, at: Int64)] {
        if let cachedCancellations { return cachedCancellations }
        var found: [String: (upTo: Int64, at: Int64)] = [:]
        try RowStatement(database, "SELECT subscription, up_to_seq, at_ms FROM cancellation").forEach { _ in
        } _: { row in
            found[row.text(0)] = (row.integer(1), row.integer(2))
            return true
        }
        cachedCancellations = found
        return found
    }
}
