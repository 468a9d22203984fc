import GRDB

extension Store {
    /// Since when the oldest pending delivery of each of these subscriptions waits: when it was made, or sent again; absent for
    /// those without any.
    package func oldestPending(of subscriptions: [String]) async throws -> [String: UnixTime] {
        guard !subscriptions.isEmpty else { return [:] }
        return try await read { database in
            let oldest = try database.cachedStatement(sql: Self.oldestPendingSQL)
            let cancelled = try database.cachedStatement(
                sql: "SELECT up_to_seq FROM cancellation WHERE subscription = ?")
            var result: [String: UnixTime] = [:]
            for subscription in subscriptions {
                let floor = try Int64.fetchOne(cancelled, arguments: [subscription]) ?? 0
                let time = try Int64.fetchOne(oldest, arguments: [subscription, floor])
                result[subscription] = time.map(UnixTime.init(milliseconds:))
            }
            return result
        }
    }

    /// The oldest pending deliveries of a subscription, oldest first.
    ///
    /// - Parameter time: those made at that time or later, or made pending again, are left out; of the `limit` oldest.
    func oldestPending(
        of subscription: String, madeBefore time: UnixTime? = nil, limit: Int
    ) async throws -> [CommitSequence] {
        try await read { database in
            try Int64.fetchAll(
                database, sql: Self.oldestPendingListSQL,
                arguments: [subscription, limit, time?.milliseconds ?? .max]
            ).map(CommitSequence.init)
        }
    }

    // Both look at ranges of delivery_due, which holds the sequence. First attempts all are due at 0, so that the first
    // entry is the oldest; what was put back is looked through, without touching a row. The sign keeps it so: without it
    // the order by sequence is taken from delivery_log, and everything that was ever delivered is passed over.

    /// The earliest time of a subscription (`?1`), of the lowest sequences beyond `?2`. What was sent again has a low one, and
    /// what has not been tried may wait for longer.
    static let oldestPendingSQL = """
        SELECT min(coalesce(again_ms, created_ms)) FROM delivery WHERE seq IN (
            SELECT min(seq) FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms = 0 AND seq > ?2
            UNION ALL SELECT min(+seq) FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms > 0 AND +seq > ?2
            UNION ALL SELECT min(+seq) FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 1 AND +seq > ?2)
        """

    /// The first `?2` of a subscription (`?1`), those of them that were made, or made pending again, before `?3`.
    static let oldestPendingListSQL = {
        func range(_ condition: String, by order: String) -> String {
            """
            SELECT * FROM (SELECT seq FROM delivery d
                WHERE status = 'pending' AND subscription = ?1 AND \(condition) AND NOT \(isCancelled("d"))
                ORDER BY \(order) LIMIT ?2)
            """
        }
        let ranges = [
            range("lane = 0 AND next_attempt_ms = 0", by: "seq"),
            range("lane = 2 AND next_attempt_ms = 0", by: "seq"),
            range("lane IN (0, 2) AND next_attempt_ms > 0", by: "+seq"),
            range("lane = 1", by: "+seq"),
        ]
        let oldest = ranges.joined(separator: " UNION ALL ") + " ORDER BY seq LIMIT ?2"
        return """
            SELECT seq FROM delivery WHERE seq IN (\(oldest)) AND coalesce(again_ms, created_ms) < ?3 ORDER BY seq
            """
    }()
}
