import GRDB

/// A live resource that was changed outside of git, and healed.
package struct Drift: Sendable, Equatable {
    package let kind: String
    package let name: String
    /// How often since it was last left alone for ``window``.
    package let count: Int
    package let healedAt: UnixTime

    /// After so long without drift a resource counts as one that never had any.
    package static let window = Duration.seconds(86_400)

    package init(kind: String, name: String, count: Int, healedAt: UnixTime) {
        self.kind = kind
        self.name = name
        self.count = count
        self.healedAt = healedAt
    }

    package var id: String { "\(kind)/\(name)" }

    init(_ row: Row) {
        self.init(
            kind: row["kind"], name: row["name"], count: row["count"],
            healedAt: UnixTime(milliseconds: row["healed_ms"]))
    }
}

extension Store {
    /// The resources that were healed within the window, by kind and name.
    package func drifts(now: UnixTime) async throws -> [Drift] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM drift WHERE healed_ms > ? ORDER BY kind, name",
                arguments: [(now - Drift.window).milliseconds]
            ).map(Drift.init)
        }
    }

    /// How often a resource was healed since the state was made.
    package func driftTotal() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: "SELECT drift_total FROM state WHERE id = 1") ?? 0 }
    }
}

/// Counts resources that a change heals.
func recordDrift(_ resources: [ConfigurationChange.Name], now: UnixTime, _ database: Database) throws {
    guard !resources.isEmpty else { return }
    let forgotten = (now - Drift.window).milliseconds
    try database.execute(sql: "DELETE FROM drift WHERE healed_ms <= ?", arguments: [forgotten])
    for resource in resources {
        try database.execute(
            sql: """
                INSERT INTO drift (kind, name, count, healed_ms) VALUES (?, ?, 1, ?)
                ON CONFLICT (kind, name) DO UPDATE SET count = count + 1, healed_ms = excluded.healed_ms
                """, arguments: [resource.kind, resource.name, now.milliseconds])
    }
    try database.execute(
        sql: "UPDATE state SET drift_total = drift_total + ? WHERE id = 1", arguments: [resources.count])
}
