import GRDB

extension Store {
    /// How many runs of each workflow have not ended; the names without any are absent.
    package func unfinishedRuns() async throws -> [String: Int] {
        try await counts(Self.unfinishedRunsSQL)
    }

    /// workflow_run_open holds nothing but these; without the sign SQLite would go through all runs for their order.
    static let unfinishedRunsSQL = """
        SELECT workflow AS name, count(*) AS n FROM workflow_run WHERE finished_ms IS NULL GROUP BY +workflow
        """

    /// How many runs wait for a message of each endpoint; the names without any are absent.
    package func waitingRuns() async throws -> [String: Int] {
        // Reads all waits: their number is that of the steps that wait at this moment.
        try await counts(
            """
            SELECT topic AS name, count(DISTINCT run_seq) AS n FROM workflow_wait
            WHERE source = 'inbound' AND topic <> '\(WaitSource.callbackEndpoint)' GROUP BY topic
            """)
    }

    /// How many runs that have not ended need each secret; the names without any are absent.
    package func secretsInUse() async throws -> [String: Int] {
        try await counts(Self.secretsInUseSQL)
    }

    /// workflow_run_open first, so that nothing that has ended is looked at; then the primary key of
    /// workflow_revision_secret.
    static let secretsInUseSQL = """
        SELECT s.name AS name, sum(r.n) AS n
        FROM (SELECT digest, count(*) AS n FROM workflow_run WHERE finished_ms IS NULL GROUP BY digest) r
            JOIN workflow_revision_secret s ON s.digest = r.digest
        GROUP BY s.name
        """

    private func counts(_ sql: String) async throws -> [String: Int] {
        try await read { database in
            let rows = try Row.fetchAll(database, sql: sql)
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"] as String, $0["n"] as Int) })
        }
    }
}
