import GRDB

/// Where the sync loop stands, as the state remembers it.
package struct SyncRecord: Sendable, Equatable {
    package enum Result: String, Sendable {
        case never, synced, held, failed
    }

    /// Repository, ref and path, without credentials.
    package var source = ""
    package var appliedCommit = ""
    package var appliedSubject = ""
    package var appliedAt: UnixTime?
    /// The commit that the last attempt saw; differs from the applied one while it is held or broken.
    package var seenCommit = ""
    package var result = Result.never
    /// Stable word for why the last attempt did not apply, such as `invalid`, `fetch`, `mass-delete`.
    package var reason = ""
    package var message = ""
    package var lastAttempt: UnixTime?
    package var lastSuccess: UnixTime?
    /// Failed attempts in a row.
    package var failures = 0
    /// Digest of everything that decides whether a poll has work to do.
    package var noopKey = ""

    package init() {}

    fileprivate init(_ row: Row) {
        func time(_ column: String) -> UnixTime? {
            let milliseconds: Int64 = row[column]
            return milliseconds == 0 ? nil : UnixTime(milliseconds: milliseconds)
        }
        source = row["source"]
        appliedCommit = row["applied_commit"]
        appliedSubject = row["applied_subject"]
        appliedAt = time("applied_ms")
        seenCommit = row["seen_commit"]
        result = Result(rawValue: row["result"]) ?? .never
        reason = row["reason"]
        message = row["message"]
        lastAttempt = time("attempt_ms")
        lastSuccess = time("success_ms")
        failures = row["failures"]
        noopKey = row["noop_key"]
    }
}

extension Store {
    package func syncRecord() async throws -> SyncRecord {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM sync WHERE id = 1").map(SyncRecord.init)
                ?? SyncRecord()
        }
    }

    /// Digests of the live set and of what the last poll found, to decide whether a poll has work to do.
    package func syncBasis() async throws -> SyncBasis {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql:
                    "SELECT live_digest, noop_key FROM state JOIN sync ON sync.id = state.id WHERE state.id = 1"
            )
            return SyncBasis(liveDigest: row?["live_digest"] ?? "", noopKey: row?["noop_key"] ?? "")
        }
    }

    /// Records an attempt that found the live state to be what the commit says.
    ///
    /// - Parameter noopKey: what makes the next poll a no-op; nil leaves it as it is.
    package func recordUpToDate(
        source: String, commit: String, subject: String, noopKey: String?, now: UnixTime
    ) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE sync SET source = ?1, applied_commit = ?2, applied_subject = ?3, seen_commit = ?2,
                        noop_key = coalesce(?4, noop_key), result = 'synced', reason = '', message = '', attempt_ms = ?5,
                        success_ms = ?5, failures = 0 WHERE id = 1
                    """, arguments: [source, commit, subject, noopKey, now.milliseconds])
        }
    }

    /// Records an attempt that left the last good configuration running.
    ///
    /// - Parameter commit: what was seen; nil when not even that is known.
    package func recordNotApplied(
        _ result: SyncRecord.Result, commit: String?, reason: String, message: String, now: UnixTime
    ) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE sync SET seen_commit = coalesce(?, seen_commit), result = ?, reason = ?, message = ?,
                        attempt_ms = ?, failures = CASE ? WHEN 'failed' THEN failures + 1 ELSE 0 END WHERE id = 1
                    """,
                arguments: [commit, result.rawValue, reason, message, now.milliseconds, result.rawValue])
        }
    }

    /// The last applies, newest first.
    package func revisions(limit: Int) async throws -> [Revision] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM revision ORDER BY serial DESC LIMIT ?", arguments: [limit]
            )
            .map(Revision.init)
        }
    }
}

/// What a poll is decided by.
package struct SyncBasis: Sendable, Equatable {
    /// Of the live set, as the last apply left it.
    package let liveDigest: String
    /// Empty when the next poll has to look.
    package let noopKey: String
}

/// One apply that changed something.
package struct Revision: Sendable, Equatable {
    package let serial: Int64
    package let commit: String
    package let subject: String
    package let planDigest: String
    package let created: Int
    package let updated: Int
    package let deleted: Int
    package let appliedBy: String
    package let appliedAt: UnixTime
    package let duration: Duration

    fileprivate init(_ row: Row) {
        serial = row["serial"]
        commit = row["commit_id"]
        subject = row["subject"]
        planDigest = row["plan_digest"]
        created = row["created"]
        updated = row["updated"]
        deleted = row["deleted"]
        appliedBy = row["applied_by"]
        appliedAt = UnixTime(milliseconds: row["applied_ms"])
        duration = .milliseconds(row["duration_ms"] as Int64)
    }
}
