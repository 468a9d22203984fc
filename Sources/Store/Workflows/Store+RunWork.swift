import GRDB
package import Resources

/// A run with all that the engine needs to go on.
package struct RunWork: Sendable {
    package let sequence: CommitSequence
    package let id: WorkflowRunID
    package let workflow: String
    package let revision: String
    package let status: RunStatus
    package let event: Event
    package let start: String
    package let recordID: String?
    package let chainRoot: EventID
    package let parent: NewRun.Parent?
    package let retryOf: WorkflowRunID?
    package let createdAt: UnixTime
    package let journal: [RunProgress.Entry]
    package let signals: RunSignals
}

/// What comes to a run from outside.
package struct RunSignals: Sendable {
    package let command: RunCommand?
    package let wakes: Int64
    package let waits: [PendingWait]

    fileprivate init(_ row: Row, waits: [PendingWait]) {
        command = (row["command"] as String?).flatMap(RunCommand.init)
        wakes = row["wakes"]
        self.waits = waits
    }
}

/// What a step waits for, and how far it has looked.
package struct PendingWait: Sendable, Equatable {
    package let step: String
    package let source: WaitSource
    package let key: String
    package let seen: CommitSequence
}

/// What a person or another run asked of a run.
package enum RunCommand: String, Sendable {
    case cancel, resume
}

/// A message or an event that a run may be resumed by.
package struct Mail: Sendable, Equatable {
    package let sequence: CommitSequence
    package let id: String
    /// The event's type; nil for a message.
    package let type: String?
    /// JSON text.
    package let data: String
    package let headers: String
    package let receivedAt: UnixTime
}

extension Store {
    /// Runs that have something to do, in the order in which they began. workflow_run_ready gives it.
    package func readyRuns(after: CommitSequence, limit: Int) async throws -> [CommitSequence] {
        try await read { database in
            try Int64.fetchAll(
                database.cachedStatement(
                    sql: "SELECT seq FROM workflow_run WHERE is_ready = 1 AND seq > ? ORDER BY seq LIMIT ?"),
                arguments: [after.value, limit]
            ).map { CommitSequence($0) }
        }
    }

    /// Runs with a timer that is due, the earliest first, and when the next one is. workflow_run_wake gives both.
    package func dueRuns(now: UnixTime, limit: Int) async throws -> (due: [CommitSequence], next: UnixTime?) {
        try await read { database in
            let due = try Int64.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT seq FROM workflow_run WHERE wake_ms <= ? AND wake_ms IS NOT NULL ORDER BY wake_ms LIMIT ?
                        """), arguments: [now.milliseconds, limit])
            let next = try Int64.fetchOne(
                database.cachedStatement(
                    sql: "SELECT min(wake_ms) FROM workflow_run WHERE wake_ms > ? AND wake_ms IS NOT NULL"),
                arguments: [now.milliseconds])
            return (due.map { CommitSequence($0) }, next.map(UnixTime.init(milliseconds:)))
        }
    }

    /// Has all runs with a timer looked at earlier; those that are not due set it anew. workflow_run_wake finds them.
    package func bringTimersForward(by time: Duration) async throws {
        try await write { database in
            try database.execute(
                sql:
                    "UPDATE workflow_run SET wake_ms = wake_ms - ? WHERE wake_ms IS NOT NULL AND status <> 'queued'",
                arguments: [time.milliseconds])
        }
    }

    /// A run that has not ended, with its journal; nil for one that has.
    package func runWork(_ run: CommitSequence) async throws -> RunWork? {
        try await read { database in
            // Primary keys and unique indexes only.
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT * FROM workflow_run WHERE seq = ? AND finished_ms IS NULL"),
                arguments: [run.value])
            guard let row,
                let event = try Row.fetchOne(
                    database.cachedStatement(sql: "SELECT * FROM event WHERE seq = ?"),
                    arguments: [row["event_seq"] as Int64])
            else { return nil }
            return RunWork(
                row, event: Event(event), journal: try journal(of: run, database),
                signals: RunSignals(row, waits: try waits(of: run, database)))
        }
    }

    /// What a run that is in memory has to look at after it was woken; nil for one that has ended.
    package func runSignals(_ run: CommitSequence) async throws -> RunSignals? {
        try await read { database in
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT command, wakes FROM workflow_run WHERE seq = ? AND finished_ms IS NULL"),
                arguments: [run.value])
            guard let row else { return nil }
            return RunSignals(row, waits: try waits(of: run, database))
        }
    }

    package func runID(_ run: CommitSequence) async throws -> WorkflowRunID? {
        try await read { database in
            try String.fetchOne(
                database, sql: "SELECT id FROM workflow_run WHERE seq = ?", arguments: [run.value]
            ).map { WorkflowRunID($0) }
        }
    }

    /// Digests of the revisions that runs have which have not ended. workflow_run_open gives them.
    package func openRevisions() async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT DISTINCT digest FROM workflow_run WHERE finished_ms IS NULL")
        }
    }

    package func workflowRevision(_ digest: String) async throws -> WorkflowRevision? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM workflow_revision WHERE digest = ?", arguments: [digest]
            ).map { row in
                WorkflowRevision(
                    digest: digest, workflow: row["workflow"], canonical: row["canonical"],
                    secrets: try String.fetchAll(
                        database, sql: "SELECT name FROM workflow_revision_secret WHERE digest = ?",
                        arguments: [digest]))
            }
        }
    }

    /// What has come for a wait since it last looked, in commit order, without what its run has used.
    package func mail(for wait: PendingWait, of run: CommitSequence, limit: Int) async throws -> [Mail] {
        try await read { database in
            let taken = "NOT EXISTS (SELECT 1 FROM workflow_taken WHERE run_seq = ? AND message_id = m.id)"
            if wait.source.isEvent {
                // The primary keys of workflow_event and event.
                return try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT m.* FROM workflow_event k JOIN event m ON m.seq = k.event_seq
                            WHERE k.key = ? AND k.event_seq > ? AND \(taken) ORDER BY k.event_seq LIMIT ?
                            """), arguments: [wait.key, wait.seen.value, run.value, limit]
                ).map(Mail.init(event:))
            }
            // inbound_message_key
            return try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT m.* FROM inbound_message m
                        WHERE m.correlation_key = ? AND m.seq > ? AND \(taken) AND m.endpoint = ? ORDER BY m.seq LIMIT ?
                        """), arguments: [wait.key, wait.seen.value, run.value, wait.source.topic, limit]
            ).map(Mail.init(message:))
        }
    }

    /// Lets a run begin whose start was put off by a rate limit, unless its key has no room; true when it may begin.
    package func releaseQueued(_ run: CommitSequence, now: UnixTime) async throws -> Bool {
        try await commits.perform { transaction in
            let database = transaction.database
            let row = try Row.fetchOne(
                database,
                sql: """
                    UPDATE workflow_run SET wake_ms = NULL WHERE seq = ? AND status = 'queued' AND wake_ms <= ?
                    RETURNING workflow, concurrency_key
                    """, arguments: [run.value, now.milliseconds])
            guard let row else { return false }
            if let key = row["concurrency_key"] as String? {
                try transaction.admit(row["workflow"], key: key)
                return transaction.woken.contains(run)
            }
            try database.execute(
                sql:
                    "UPDATE workflow_run SET status = 'running', is_ready = 1, wakes = wakes + 1 WHERE seq = ?",
                arguments: [run.value])
            return true
        }
    }
}

func journal(of run: CommitSequence, _ database: Database) throws -> [RunProgress.Entry] {
    try Row.fetchAll(
        database.cachedStatement(
            sql: "SELECT at_ms, entry FROM workflow_journal WHERE run_seq = ? ORDER BY number"),
        arguments: [run.value]
    ).map { RunProgress.Entry(at: UnixTime(milliseconds: $0["at_ms"]), text: $0["entry"]) }
}

private func waits(of run: CommitSequence, _ database: Database) throws -> [PendingWait] {
    try Row.fetchAll(
        database.cachedStatement(sql: "SELECT * FROM workflow_wait WHERE run_seq = ?"), arguments: [run.value]
    ).map { row in
        PendingWait(
            step: row["step"], source: WaitSource(source: row["source"], topic: row["topic"]),
            key: row["key"], seen: CommitSequence(row["seen_seq"]))
    }
}

extension RunWork {
    fileprivate init(_ row: Row, event: Event, journal: [RunProgress.Entry], signals: RunSignals) {
        self.init(
            sequence: CommitSequence(row["seq"]), id: WorkflowRunID(row["id"]), workflow: row["workflow"],
            revision: row["digest"], status: RunStatus(rawValue: row["status"]) ?? .running,
            event: event,
            start: row["start"], recordID: row["record_id"], chainRoot: EventID(row["chain_root"]),
            parent: (row["parent_seq"] as Int64?).map {
                NewRun.Parent(
                    run: CommitSequence($0), step: row["parent_step"] ?? "",
                    attempt: row["parent_attempt"] ?? 1)
            },
            retryOf: (row["retry_of"] as String?).map { WorkflowRunID($0) },
            createdAt: UnixTime(milliseconds: row["created_ms"]), journal: journal, signals: signals)
    }
}

extension Mail {
    fileprivate init(message row: Row) {
        self.init(
            sequence: CommitSequence(row["seq"]), id: row["id"], type: nil, data: row["data"],
            headers: row["headers"], receivedAt: UnixTime(milliseconds: row["received_ms"]))
    }

    fileprivate init(event row: Row) {
        self.init(
            sequence: CommitSequence(row["seq"]), id: row["id"], type: row["type"], data: row["data"],
            headers: row["headers"] ?? "{}", receivedAt: UnixTime(milliseconds: row["accepted_ms"]))
    }
}
