import GRDB

/// Something that a person has stopped.
package struct Suspension: Sendable, Equatable {
    package enum Target: Sendable, Hashable {
        /// The sync loop.
        case all
        /// Everything but the revision that a rollback went to.
        case rollback
        /// One resource, which stays as it is live.
        case resource(String)

        package var text: String {
            switch self {
            case .all: "all"
            case .rollback: "rollback"
            case .resource(let id): id
            }
        }

        package init(_ text: String) {
            switch text {
            case "all": self = .all
            case "rollback": self = .rollback
            default: self = .resource(text)
            }
        }
    }

    package var target: Target
    package var reason: String
    package var createdBy: String
    package var since: UnixTime
    /// nil until somebody resumes.
    package var until: UnixTime?
    /// The revision that a rollback went to.
    package var pinnedSerial: Int64?

    package init(
        _ target: Target, reason: String, createdBy: String, since: UnixTime, until: UnixTime? = nil,
        pinnedSerial: Int64? = nil
    ) {
        self.target = target
        self.reason = reason
        self.createdBy = createdBy
        self.since = since
        self.until = until
        self.pinnedSerial = pinnedSerial
    }

    package func isActive(at now: UnixTime) -> Bool { until.map { now < $0 } ?? true }

    init(_ row: Row) {
        target = Target(row["target"])
        reason = row["reason"]
        createdBy = row["created_by"]
        since = UnixTime(milliseconds: row["since_ms"])
        until = (row["until_ms"] as Int64?).map { UnixTime(milliseconds: $0) }
        pinnedSerial = row["pinned_serial"]
    }
}

extension Store {
    /// What is stopped at a moment, by target.
    package func suspensions(now: UnixTime) async throws -> [Suspension] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM suspension WHERE until_ms IS NULL OR until_ms > ? ORDER BY target",
                arguments: [now.milliseconds]
            ).map(Suspension.init)
        }
    }

    /// Stops something; what was said about the same target before is replaced.
    package func suspend(_ suspension: Suspension) async throws {
        try await write { try $0.insert(suspension) }
    }

    /// Starts something again; false when it was not stopped.
    ///
    /// The next round compares, whatever the last one found, and what it changes then is no drift.
    package func resume(_ targets: [Suspension.Target], now: UnixTime) async throws -> Bool {
        try await write { database in
            var count = 0
            for target in targets {
                try database.execute(
                    sql: "DELETE FROM suspension WHERE target = ? AND (until_ms IS NULL OR until_ms > ?)",
                    arguments: [target.text, now.milliseconds])
                count += database.changesCount
            }
            try database.execute(
                sql: "DELETE FROM suspension WHERE until_ms <= ?", arguments: [now.milliseconds])
            try database.forgetWhatIsLive()
            return count > 0
        }
    }
}

extension Database {
    func insert(_ suspension: Suspension) throws {
        try execute(
            sql: """
                INSERT INTO suspension (target, reason, created_by, since_ms, until_ms, pinned_serial)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (target) DO UPDATE SET reason = excluded.reason, created_by = excluded.created_by,
                    since_ms = excluded.since_ms, until_ms = excluded.until_ms, pinned_serial = excluded.pinned_serial
                """,
            arguments: [
                suspension.target.text, suspension.reason, suspension.createdBy,
                suspension.since.milliseconds,
                suspension.until?.milliseconds, suspension.pinnedSerial,
            ])
        try forgetWhatIsLive()
    }

    /// Makes the next round compare, and takes what it finds for a change rather than for drift.
    func forgetWhatIsLive() throws {
        try execute(sql: "UPDATE sync SET noop_key = '', content_key = '' WHERE id = 1")
    }
}
