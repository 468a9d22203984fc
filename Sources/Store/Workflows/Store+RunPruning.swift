import GRDB

extension Store {
    /// Removes runs that ended before `time`, at most `limit` of them, with their journals; returns how many.
    ///
    /// One that another run still waits for, or does again, stays.
    package func pruneRuns(endedBefore time: UnixTime, limit: Int) async throws -> Int {
        try await write { database in
            // workflow_run_finished
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT seq, id FROM workflow_run r WHERE finished_ms < ? AND finished_ms IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM workflow_run p
                            WHERE p.seq = r.parent_seq AND p.finished_ms IS NULL)
                        AND NOT EXISTS (SELECT 1 FROM workflow_run n
                            WHERE n.retry_of = r.id AND n.retry_of IS NOT NULL AND n.finished_ms IS NULL)
                    ORDER BY finished_ms LIMIT ?
                    """, arguments: [time.milliseconds, limit])
            for row in rows {
                // A range of inbound_message_key: callbacks are kept under `<run>/<step>`.
                let id: String = row["id"]
                try database.cachedStatement(
                    sql: """
                        DELETE FROM inbound_message
                        WHERE endpoint = ? AND correlation_key >= ? AND correlation_key < ?
                        """
                ).execute(arguments: [WaitSource.callbackEndpoint, "\(id)/", "\(id)0"])
                try database.cachedStatement(sql: "DELETE FROM workflow_run WHERE seq = ?")
                    .execute(arguments: [row["seq"] as Int64])
            }
            return rows.count
        }
    }

    /// Forgets what no run needs any more: revisions, secrets that were kept for them, keys of `dedupe`.
    package func pruneWorkflowRemains(now: UnixTime) async throws {
        try await commits.perform { transaction in
            let database = transaction.database
            transaction.revisions = []
            // workflow_run_digest
            try database.execute(
                sql: """
                    DELETE FROM workflow_revision WHERE NOT EXISTS
                        (SELECT 1 FROM workflow_run WHERE workflow_run.digest = workflow_revision.digest)
                    """)
            try database.execute(sql: Self.forgetSecretsSQL)
            // workflow_dedupe_age
            try database.execute(
                sql: "DELETE FROM workflow_dedupe WHERE expires_ms <= ?", arguments: [now.milliseconds])
        }
    }

    /// Of secrets that no run needs which has not ended. workflow_run_open, then the primary key of
    /// workflow_revision_secret.
    static let forgetSecretsSQL = """
        DELETE FROM retained_secret WHERE name NOT IN (SELECT s.name FROM workflow_revision_secret s
            WHERE s.digest IN (SELECT digest FROM workflow_run WHERE finished_ms IS NULL))
        """
}
