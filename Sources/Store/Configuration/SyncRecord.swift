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
                    """
                    SELECT serial, live_digest, noop_key, content_key, applied_commit
                    FROM state JOIN sync ON sync.id = state.id WHERE state.id = 1
                    """)
            return SyncBasis(
                serial: row?["serial"] ?? 0, liveDigest: row?["live_digest"] ?? "",
                noopKey: row?["noop_key"] ?? "",
                contentKey: row?["content_key"] ?? "", appliedCommit: row?["applied_commit"] ?? "")
        }
    }

    /// Records an attempt that found the live state to be what the commit says.
    ///
    /// - Parameters:
    ///   - noopKey: what makes the next poll a no-op; nil leaves it as it is.
    ///   - contentKey: which files are live; nil leaves it as it is.
    package func recordUpToDate(
        source: String, commit: String, subject: String, noopKey: String?, contentKey: String? = nil,
        now: UnixTime
    ) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE sync SET source = ?1, applied_commit = ?2, applied_subject = ?3, seen_commit = ?2,
                        noop_key = coalesce(?4, noop_key), content_key = coalesce(?6, content_key), result = 'synced', reason = '', message = '', attempt_ms = ?5,
                        success_ms = ?5, failures = 0 WHERE id = 1
                    """, arguments: [source, commit, subject, noopKey, now.milliseconds, contentKey])
        }
    }

    /// Records an attempt that left the last good configuration running.
    ///
    /// - Parameters:
    ///   - source: where it came from; the one of the applied commit stays while there is one.
    ///   - commit: what was seen; nil when not even that is known.
    package func recordNotApplied(
        _ result: SyncRecord.Result, source: String = "", commit: String?, reason: String, message: String,
        now: UnixTime
    ) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE sync SET source = CASE applied_ms WHEN 0 THEN ? ELSE source END,
                        seen_commit = coalesce(?, seen_commit), result = ?, reason = ?, message = ?,
                        attempt_ms = ?, failures = CASE ? WHEN 'failed' THEN failures + 1 ELSE 0 END WHERE id = 1
                    """,
                arguments: [
                    source, commit, result.rawValue, reason, message, now.milliseconds, result.rawValue,
                ])
        }
    }
}

/// What a poll is decided by.
package struct SyncBasis: Sendable, Equatable {
    package let serial: Int64
    /// Of the live set, as the last apply left it.
    package let liveDigest: String
    /// Empty when the next poll has to look.
    package let noopKey: String
    /// Which files are live; empty when that is not known.
    package let contentKey: String
    package let appliedCommit: String
}
