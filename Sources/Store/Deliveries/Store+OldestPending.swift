import GRDB

extension Store {
    /// When the oldest pending delivery of each of these subscriptions was made; absent for those without any.
    package func oldestPending(of subscriptions: [String]) async throws -> [String: UnixTime] {
        guard !subscriptions.isEmpty else { return [:] }
        return try await read { database in
            let oldest = try database.cachedStatement(sql: Self.oldestPendingSQL)
            let created = try database.cachedStatement(sql: "SELECT created_ms FROM delivery WHERE seq = ?")
            let cancelled = try database.cachedStatement(
                sql: "SELECT up_to_seq FROM cancellation WHERE subscription = ?")
            var result: [String: UnixTime] = [:]
            for subscription in subscriptions {
                let floor = try Int64.fetchOne(cancelled, arguments: [subscription]) ?? 0
                guard let sequence = try Int64.fetchOne(oldest, arguments: [subscription, floor]),
                    let time = try Int64.fetchOne(created, arguments: [sequence])
                else { continue }
                result[subscription] = UnixTime(milliseconds: time)
            }
            return result
        }
    }

    /// The oldest pending deliveries of a subscription, oldest first.
    ///
    /// - Parameter time: those made at that time or later are left out.
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

    /// The lowest sequence of a subscription (`?1`) beyond `?2`.
    static let oldestPendingSQL = """
        SELECT min(seq) FROM (
            SELECT min(seq) AS seq FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms = 0 AND seq > ?2
            UNION ALL SELECT min(+seq) FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms > 0 AND +seq > ?2
            UNION ALL SELECT min(+seq) FROM delivery
                WHERE status = 'pending' AND subscription = ?1 AND lane = 1 AND +seq > ?2)
        """

    /// The first `?2` of a subscription (`?1`) that were made before `?3`.
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
        return "SELECT seq FROM delivery WHERE seq IN (\(oldest)) AND created_ms < ?3 ORDER BY seq"
    }()
}
