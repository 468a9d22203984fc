import GRDB

extension Store {
    /// When the oldest pending delivery of each of these subscriptions was made; absent for those without any.
    package func oldestPending(of subscriptions: [String]) async throws -> [String: UnixTime] {
        guard !subscriptions.isEmpty else { return [:] }
        return try await read { database in
            // Ranges of delivery_due, which holds the sequence. First attempts all are due at 0, so that the first
            // entry is the oldest; what was put back is looked through, without touching a row.
            let oldest = try database.cachedStatement(
                sql: """
                    SELECT min(seq) FROM (
                        SELECT min(seq) AS seq FROM delivery
                            WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms = 0
                        UNION ALL SELECT min(seq) FROM delivery
                            WHERE status = 'pending' AND subscription = ?1 AND lane = 0 AND next_attempt_ms > 0
                        UNION ALL SELECT min(seq) FROM delivery
                            WHERE status = 'pending' AND subscription = ?1 AND lane = 1)
                    """)
            let created = try database.cachedStatement(sql: "SELECT created_ms FROM delivery WHERE seq = ?")
            var result: [String: UnixTime] = [:]
            for subscription in subscriptions {
                guard let sequence = try Int64.fetchOne(oldest, arguments: [subscription]),
                    let time = try Int64.fetchOne(created, arguments: [sequence])
                else { continue }
                result[subscription] = UnixTime(milliseconds: time)
            }
            return result
        }
    }
}
