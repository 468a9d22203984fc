import GRDB

extension Store {
    /// Removes the attempt detail of all but the last `keep` deliveries of a subscription, at most `limit`
    /// deliveries' worth; returns how many there were.
    package func pruneAttempts(_ subscription: String, keep: Int, limit: Int) async throws -> Int {
        try await write { database in
            // delivery_log gives the boundary and the range below it; pending deliveries keep their detail.
            let boundary = try Int64.fetchOne(
                database,
                sql: "SELECT seq FROM delivery WHERE subscription = ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
                arguments: [subscription, keep])
            guard let boundary else { return 0 }
            try database.execute(
                sql: """
                    DELETE FROM attempt WHERE delivery_seq IN
                        (SELECT d.seq FROM delivery d
                         WHERE d.subscription = ? AND d.seq <= ? AND d.status <> 'pending'
                             AND EXISTS (SELECT 1 FROM attempt a WHERE a.delivery_seq = d.seq) LIMIT ?)
                    """, arguments: [subscription, boundary, limit])
            return database.changesCount
        }
    }

    /// Removes finished deliveries and events that are older than `time`, at most `limit` events; returns how many
    /// events went. An event with a pending delivery stays.
    package func pruneEvents(olderThan time: UnixTime, limit: Int) async throws -> Int {
        try await write { database in
            // Events are accepted in the order of the primary key, so the oldest stand first.
            let events = try Int64.fetchAll(
                database,
                sql: """
                    SELECT seq FROM (SELECT seq, accepted_ms FROM event ORDER BY seq LIMIT ?) AS oldest
                    WHERE accepted_ms < ? AND NOT EXISTS
                        (SELECT 1 FROM delivery WHERE event_seq = oldest.seq AND status = 'pending')
                    """, arguments: [limit, time.milliseconds])
            for event in events {
                try database.execute(sql: "DELETE FROM delivery WHERE event_seq = ?", arguments: [event])
                try database.execute(sql: "DELETE FROM event WHERE seq = ?", arguments: [event])
            }
            return events.count
        }
    }

    /// Truncates the write-ahead log when it has grown beyond `bytes`.
    package func truncateLog(beyond bytes: Int) async throws {
        guard let size = fileSize(path.file + "-wal"), size > bytes else { return }
        try await pool.writeWithoutTransaction { database in
            _ = try database.checkpoint(.truncate)
        }
    }
}
