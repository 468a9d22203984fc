import GRDB

/// What became of the live configuration since an earlier serial.
package struct LiveChanges: Sendable {
    /// The serial that they lead to.
    package let serial: Int64
    /// What was created or updated, as it is now.
    package let upserts: [LiveResource]
    package let deletions: [ConfigurationChange.Name]
    /// When each of the created or updated subscriptions was made.
    package let subscriptionsCreatedAt: [String: UnixTime]

    package init(
        serial: Int64, upserts: [LiveResource], deletions: [ConfigurationChange.Name],
        subscriptionsCreatedAt: [String: UnixTime]
    ) {
        self.serial = serial
        self.upserts = upserts
        self.deletions = deletions
        self.subscriptionsCreatedAt = subscriptionsCreatedAt
    }
}

extension Store {
    /// The changes since a serial; nil when the history does not reach back to it, or does not hold everything, so
    /// that all has to be read.
    package func liveChanges(after known: Int64) async throws -> LiveChanges? {
        guard known > 0 else { return nil }
        return try await read { database in
            let serial = try Int64.fetchOne(database, sql: "SELECT serial FROM state WHERE id = 1") ?? 0
            // A revision that healed what was edited by hand does not keep all that it changed.
            let kept = try Int64.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM revision WHERE serial > ? AND created + updated + deleted =
                        (SELECT count(*) FROM revision_change WHERE revision_change.serial = revision.serial)
                    """, arguments: [known])
            guard kept == serial - known else { return nil }
            // The primary keys give the range and the rows.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT change.kind AS changed_kind, change.name AS changed_name, resource.*
                    FROM revision_change AS change
                    LEFT JOIN resource ON resource.kind = change.kind AND resource.name = change.name
                    WHERE change.serial > ? ORDER BY changed_kind, changed_name
                    """, arguments: [known])
            let live = rows.filter { ($0["kind"] as String?) != nil }
            let created = live.filter { $0["kind"] == "Subscription" }.map {
                ($0["name"] as String, UnixTime(milliseconds: $0["created_ms"]))
            }
            return LiveChanges(
                serial: serial, upserts: live.map(LiveResource.init),
                deletions: rows.filter { ($0["kind"] as String?) == nil }.map {
                    ConfigurationChange.Name(kind: $0["changed_kind"], name: $0["changed_name"])
                }, subscriptionsCreatedAt: Dictionary(uniqueKeysWithValues: created))
        }
    }
}
