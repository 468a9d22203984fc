import GRDB

/// Keeps a deleted reference to a secret while a run needs it; called in the transaction of the apply.
///
/// workflow_revision_secret_name and workflow_run_open find the runs.
func retainSecret(_ name: String, _ database: Database) throws {
    try database.execute(
        sql: """
            INSERT INTO retained_secret (name, canonical)
            SELECT name, canonical FROM resource WHERE kind = 'SecretReference' AND name = ?1 AND EXISTS
                (SELECT 1 FROM workflow_revision_secret s
                    JOIN workflow_run r ON r.digest = s.digest AND r.finished_ms IS NULL WHERE s.name = ?1)
            ON CONFLICT (name) DO UPDATE SET canonical = excluded.canonical
            """, arguments: [name])
}

extension Store {
    /// The canonical forms of deleted references that a run still needs, by name.
    package func retainedSecrets() async throws -> [String: String] {
        try await read { database in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(database, sql: "SELECT * FROM retained_secret").map {
                    ($0["name"], $0["canonical"])
                })
        }
    }
}
