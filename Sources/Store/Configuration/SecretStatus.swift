import GRDB

/// What is known of a secret without knowing it.
package struct SecretStatus: Sendable, Equatable {
    package var name: String
    /// Keyed with the state's key; nil while the reference does not resolve.
    package var fingerprint: String?
    /// Why it does not resolve; empty when it does.
    package var problem: String
    /// When fingerprint or problem last changed.
    package var changedAt: UnixTime

    package init(name: String, fingerprint: String?, problem: String, changedAt: UnixTime) {
        self.name = name
        self.fingerprint = fingerprint
        self.problem = problem
        self.changedAt = changedAt
    }
}

extension Store {
    package func secretStatuses() async throws -> [SecretStatus] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM secret_status ORDER BY name").map { row in
                SecretStatus(
                    name: row["name"], fingerprint: row["fingerprint"], problem: row["problem"],
                    changedAt: UnixTime(milliseconds: row["changed_ms"]))
            }
        }
    }

    /// Replaces what is known of all secrets.
    package func replaceSecretStatuses(_ statuses: [SecretStatus]) async throws {
        try await write { database in
            try database.execute(sql: "DELETE FROM secret_status")
            for status in statuses {
                try database.execute(
                    sql:
                        "INSERT INTO secret_status (name, fingerprint, problem, changed_ms) VALUES (?, ?, ?, ?)",
                    arguments: [
                        status.name, status.fingerprint, status.problem, status.changedAt.milliseconds,
                    ])
            }
        }
    }
}
