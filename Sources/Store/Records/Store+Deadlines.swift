import GRDB

extension Store {
    /// Unresolved tickets whose due time has come and that are not marked as breached, the earliest first.
    package func overdueTickets(now: UnixTime, limit: Int) async throws -> [RecordRow] {
        try await read { database in
            // A range of record_sla.
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM record
                    WHERE sla_due_ms <= ? AND sla_due_ms IS NOT NULL AND sla_breached_ms IS NULL AND is_open = 1
                    ORDER BY sla_due_ms LIMIT ?
                    """, arguments: [now.milliseconds, limit]
            ).map(RecordRow.init)
        }
    }

    /// When the next ticket becomes due; nil when none will.
    package func nextDeadline() async throws -> UnixTime? {
        try await read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT min(sla_due_ms) FROM record
                    WHERE sla_due_ms IS NOT NULL AND sla_breached_ms IS NULL AND is_open = 1
                    """
            ).map(UnixTime.init(milliseconds:))
        }
    }

    /// Unresolved tickets in the order in which they were made.
    package func openTickets(after: CommitSequence, limit: Int) async throws -> [RecordRow] {
        try await read { database in
            // record_open
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM record WHERE type = 'ticket' AND is_open = 1 AND seq > ? ORDER BY seq LIMIT ?
                    """, arguments: [after.value, limit]
            ).map(RecordRow.init)
        }
    }

    /// The policies that the due times of all open tickets were computed with.
    package func computedPolicies() async throws -> String {
        try await read {
            try String.fetchOne($0, sql: "SELECT policies_digest FROM sla_state WHERE id = 1") ?? ""
        }
    }

    package func setComputedPolicies(_ digest: String) async throws {
        try await write { database in
            try database.execute(
                sql: "UPDATE sla_state SET policies_digest = ? WHERE id = 1", arguments: [digest])
        }
    }
}
