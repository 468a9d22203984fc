import GRDB

extension Store {
    /// The live configuration of one moment.
    package func liveConfiguration() async throws -> LiveConfiguration {
        try await read { database in
            let serial = try Int64.fetchOne(database, sql: "SELECT serial FROM state WHERE id = 1") ?? 0
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM resource ORDER BY kind, name")
            let created = rows.filter { $0["kind"] == "Subscription" }.map {
                ($0["name"] as String, UnixTime(milliseconds: $0["created_ms"]))
            }
            return LiveConfiguration(
                serial: serial, resources: rows.map(LiveResource.init),
                subscriptionsCreatedAt: Dictionary(uniqueKeysWithValues: created))
        }
    }

    /// The serial alone, to notice that another process applied something.
    package func serial() async throws -> Int64 {
        try await read { try Int64.fetchOne($0, sql: "SELECT serial FROM state WHERE id = 1") ?? 0 }
    }

    /// Random identifier of this state.
    package func stateID() async throws -> String {
        try await read { try String.fetchOne($0, sql: "SELECT state_id FROM state WHERE id = 1") ?? "" }
    }
}

/// A change of the live configuration, decided against a serial.
package struct ConfigurationChange: Sendable {
    /// The serial that the plan was made against.
    package var expectedSerial: Int64
    /// Created and updated resources.
    package var upserts: [LiveResource] = []
    /// Kind and name of what goes.
    package var deletions: [Deletion] = []
    package var created = 0
    package var commit: String
    package var subject: String
    package var planDigest: String
    /// Person or process, for the history.
    package var appliedBy: String
    /// Digest of the live set as it is after the change.
    package var liveDigest: String
    /// What makes the next poll a no-op; nil makes it look.
    package var noopKey: String?
    package var source: String

    /// Among the created, updated and deleted ones those that were changed outside of git.
    package var drifted: [Name] = []
    /// Whether the drifted ones were changed past all revisions: what was there before belongs to none of them.
    package var isOfEditedState = false
    package var result = Revision.Result.applied
    /// What goes into effect together with the change: the pin of a rollback.
    package var suspension: Suspension?
    /// Which files are live then; empty when that is not known, nil when it stays as it was.
    package var contentKey: String?

    package typealias Deletion = Name

    /// Kind and name of a resource.
    package struct Name: Sendable, Hashable, Comparable {
        package let kind: String
        package let name: String

        package init(kind: String, name: String) {
            self.kind = kind
            self.name = name
        }

        package static func < (left: Name, right: Name) -> Bool {
            left.kind == right.kind ? left.name < right.name : left.kind < right.kind
        }
    }

    package init(
        expectedSerial: Int64, commit: String, subject: String, planDigest: String, appliedBy: String,
        liveDigest: String, source: String
    ) {
        self.expectedSerial = expectedSerial
        self.commit = commit
        self.subject = subject
        self.planDigest = planDigest
        self.appliedBy = appliedBy
        self.liveDigest = liveDigest
        self.source = source
    }

    package var isEmpty: Bool { upserts.isEmpty && deletions.isEmpty }
}

/// What became of a change.
package enum ApplyResult: Sendable, Equatable {
    /// It is live, durable, under this serial.
    case applied(serial: Int64)
    /// Somebody applied something else since the plan was made; nothing was written.
    case stale(serial: Int64)
    /// Nobody has applied anything, but the lease was lost; nothing was written.
    case leaseLost
}

extension Store {
    /// Makes a change live: all of it or nothing, in one transaction that also checks serial and lease.
    ///
    /// Pending deliveries of a deleted subscription become `cancelled` in the same transaction. An empty change
    /// only records that the commit is applied; the serial stays.
    package func apply(_ change: ConfigurationChange, lease: Lease, started: UnixTime, now: UnixTime)
        async throws -> ApplyResult
    {
        try await commits.perform { transaction in
            let database = transaction.database
            // What another apply did says more than that it had the lease.
            let serial = try transaction.serial()
            guard serial == change.expectedSerial else { return .stale(serial: serial) }
            guard try lease.isHeld(database) else { return .leaseLost }
            let next = change.isEmpty ? serial : serial + 1
            let edited = change.isOfEditedState ? change.drifted : []
            for resource in change.upserts {
                if !edited.contains(.init(kind: resource.kind, name: resource.name)) {
                    try keepReplaced(kind: resource.kind, name: resource.name, serial: next, database)
                }
                try keepForm(resource, database)
                try upsert(resource, serial: next, now: now, database)
            }
            for deletion in change.deletions {
                if !edited.contains(deletion) {
                    try keepReplaced(kind: deletion.kind, name: deletion.name, serial: next, database)
                }
                try delete(deletion, now: now, transaction)
            }
            if !change.isEmpty {
                try database.execute(
                    sql: "UPDATE state SET serial = ?, live_digest = ? WHERE id = 1",
                    arguments: [next, change.liveDigest])
                transaction.serialDidChange(to: next)
                try insertRevision(change, serial: next, started: started, now: now, database)
                try recordDrift(change.drifted, now: now, database)
                try forgetOldRevisions(newest: next, database)
            }
            try database.execute(
                sql: """
                    UPDATE sync SET source = ?, applied_commit = ?, applied_subject = ?, applied_ms = ?, seen_commit = ?,
                        noop_key = ?, content_key = coalesce(?, content_key), result = 'synced', reason = '', message = '', attempt_ms = ?, success_ms = ?, failures = 0
                    WHERE id = 1
                    """,
                arguments: [
                    change.source, change.commit, change.subject, now.milliseconds, change.commit,
                    change.noopKey ?? "", change.contentKey, now.milliseconds, now.milliseconds,
                ])
            if let suspension = change.suspension { try database.insert(suspension) }
            return .applied(serial: next)
        }
    }
}

private func upsert(_ resource: LiveResource, serial: Int64, now: UnixTime, _ database: Database) throws {
    // The primary key makes a repeated upsert an update; created_ms survives it.
    try RowStatement(
        database,
        """
        INSERT INTO resource
            (kind, name, canonical, digest, is_protected, file, line, commit_id, serial, created_ms, updated_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (kind, name) DO UPDATE SET canonical = excluded.canonical, digest = excluded.digest,
            is_protected = excluded.is_protected, file = excluded.file, line = excluded.line,
            commit_id = excluded.commit_id, serial = excluded.serial, updated_ms = excluded.updated_ms
        """
    ).run { row in
        row.text(1, resource.kind)
        row.text(2, resource.name)
        row.text(3, resource.canonical)
        row.text(4, resource.digest)
        row.integer(5, resource.isProtected ? 1 : 0)
        row.text(6, resource.file)
        row.integer(7, resource.line)
        row.text(8, resource.commit)
        row.integer(9, serial)
        row.integer(10, now.milliseconds)
        row.integer(11, now.milliseconds)
    }
}

private func delete(_ deletion: ConfigurationChange.Deletion, now: UnixTime, _ transaction: Transaction)
    throws
{
    let database = transaction.database
    if deletion.kind == "SecretReference" { try retainSecret(deletion.name, database) }
    try RowStatement(database, "DELETE FROM resource WHERE kind = ? AND name = ?").run { row in
        row.text(1, deletion.kind)
        row.text(2, deletion.name)
    }
    guard deletion.kind == "Subscription" else { return }
    try Store.cancelPending(of: deletion.name, now: now, transaction)
}

private func insertRevision(
    _ change: ConfigurationChange, serial: Int64, started: UnixTime, now: UnixTime, _ database: Database
) throws {
    try database.execute(
        sql: """
            INSERT INTO revision (serial, commit_id, subject, plan_digest, created, updated, deleted, applied_by,
                applied_ms, duration_ms, result, source, has_changes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
            """,
        arguments: [
            serial, change.commit, change.subject, change.planDigest, change.created,
            change.upserts.count - change.created, change.deletions.count, change.appliedBy, now.milliseconds,
            max(0, now.milliseconds - started.milliseconds), change.result.rawValue, change.source,
        ])
}
