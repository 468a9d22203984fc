import GRDB
import Resources

/// Starts runs in the transaction of their event.
struct RunStarting {
    let transaction: Transaction
    let event: CommitSequence
    let eventID: EventID
    let now: UnixTime

    private var database: Database { transaction.database }

    /// nil when nothing is recorded.
    func start(_ run: NewRun) throws -> StartedRun? {
        let workflow = run.revision.workflow
        guard
            case .start(let status, let error, let notBefore, let cancelling, let rate) = run.decide(
                try situation(of: run))
        else { return nil }
        if let dedupe = run.dedupe { try remember(dedupe, of: workflow) }
        if let rate { try remember(rate: rate, of: workflow) }
        for id in cancelling { try cancel(id) }
        return try insert(run, status, error: error, wake: notBefore)
    }

    // MARK: Rules

    /// workflow_run_key finds them; without the sign SQLite would go through all runs of the workflow for their order.
    static let openRunsOfKeySQL = """
        SELECT id, status FROM workflow_run WHERE workflow = ? AND concurrency_key = ?
            AND concurrency_key IS NOT NULL AND finished_ms IS NULL ORDER BY +seq
        """

    private func situation(of run: NewRun) throws -> StartSituation {
        var situation = StartSituation()
        let workflow = run.revision.workflow
        if let key = run.concurrencyKey {
            let rows = try Row.fetchAll(
                database.cachedStatement(sql: Self.openRunsOfKeySQL), arguments: [workflow, key])
            let active = rows.filter { $0["status"] != RunStatus.queued.rawValue }
            situation.active = active.map { WorkflowRunID($0["id"]) }
            situation.queued = rows.count - active.count
        }
        if let dedupe = run.dedupe {
            // The primary key.
            situation.lastWithDedupeKey = try time(
                "SELECT last_ms FROM workflow_dedupe WHERE workflow = ? AND key = ?", [workflow, dedupe.key])
        }
        if run.isRateLimited {
            situation.rate = try time("SELECT next_ms FROM workflow_rate WHERE workflow = ?", [workflow])
        }
        if run.chainDepth > 0, let root = run.chainRoot {
            // workflow_run_chain
            situation.runsInChain =
                try Int.fetchOne(
                    database.cachedStatement(sql: "SELECT count(*) FROM workflow_run WHERE chain_root = ?"),
                    arguments: [root.text]) ?? 0
        }
        return situation
    }

    private func time(_ sql: String, _ arguments: StatementArguments) throws -> UnixTime? {
        try Int64.fetchOne(database.cachedStatement(sql: sql), arguments: arguments).map(
            UnixTime.init(milliseconds:))
    }

    /// The primary key makes a known one an update.
    private func remember(_ dedupe: NewRun.Dedupe, of workflow: String) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO workflow_dedupe (workflow, key, last_ms, expires_ms) VALUES (?, ?, ?, ?)
                ON CONFLICT (workflow, key) DO UPDATE SET last_ms = excluded.last_ms,
                    expires_ms = excluded.expires_ms
                """
        ).execute(arguments: [
            workflow, dedupe.key, now.milliseconds, (now + dedupe.window).milliseconds,
        ])
    }

    private func remember(rate: UnixTime, of workflow: String) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO workflow_rate (workflow, next_ms) VALUES (?, ?)
                ON CONFLICT (workflow) DO UPDATE SET next_ms = excluded.next_ms
                """
        ).execute(arguments: [workflow, rate.milliseconds])
    }

    private func cancel(_ id: WorkflowRunID) throws {
        // The unique index on id.
        let woken = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    UPDATE workflow_run SET command = 'cancel', is_ending = 1, is_ready = 1, wakes = wakes + 1
                    WHERE id = ? AND finished_ms IS NULL AND status <> 'queued' RETURNING seq
                    """), arguments: [id.text])
        transaction.woken += woken.map { CommitSequence($0) }
    }

    // MARK: Rows

    private func insert(_ run: NewRun, _ status: RunStatus, error: String?, wake: UnixTime?) throws
        -> StartedRun
    {
        try insert(run.revision)
        var floor: Int64 = 0
        try transaction.statement(.newestMessage).forEach { _ in
        } _: { row in
            // 0 where there is none.
            floor = row.integer(0)
            return false
        }
        let progress = status == .running ? run.progress : nil
        // What needs no other rows is inserted as it is to be.
        let begun = progress.flatMap { $0.isPlain ? $0 : nil }
        try transaction.statement(.insertRun).run { row in
            row.text(1, run.id.text)
            row.text(2, run.revision.workflow)
            row.text(3, run.revision.digest)
            row.text(4, (begun?.status ?? status).rawValue)
            row.integer(5, event.value)
            row.text(6, run.start)
            row.text(7, run.recordID)
            row.text(8, (run.chainRoot ?? eventID).text)
            row.integer(9, run.chainDepth)
            row.text(10, run.concurrencyKey)
            row.integer(11, run.limit)
            row.integer(12, run.parent?.run.value)
            row.text(13, run.parent?.step)
            row.text(14, run.retryOf?.text)
            row.integer(15, begun?.isReady ?? (status == .running) ? 1 : 0)
            row.integer(16, (begun?.wakeAt ?? wake)?.milliseconds)
            row.integer(17, floor)
            row.text(18, error)
            row.integer(19, now.milliseconds)
            row.integer(20, status.isFinal ? now.milliseconds : nil)
            row.integer(21, run.parent.map { Int64($0.attempt) })
            row.integer(22, begun?.entries.count ?? 0)
            row.integer(23, begun == nil ? nil : now.milliseconds)
        }
        let sequence = CommitSequence(database.lastInsertedRowID)
        if var progress {
            (progress.run, progress.after) = (sequence, 0)
            let writing = RunWriting(transaction: transaction, now: now)
            if progress.isPlain { try writing.append(progress) } else { try writing.write(progress) }
        }
        if let message = run.messageID { try take(message, by: sequence, database) }
        if status.isFinal, let parent = run.parent { try transaction.wake([parent.run]) }
        return StartedRun(
            sequence: sequence, id: run.id, workflow: run.revision.workflow, status: status, error: error,
            begun: progress?.status)
    }

    /// The primary key makes a known revision a no-op.
    private func insert(_ revision: WorkflowRevision) throws {
        guard transaction.revisions.insert(revision.digest).inserted else { return }
        let inserted = try RowStatement(
            database,
            """
            INSERT INTO workflow_revision (digest, workflow, canonical, created_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO NOTHING
            """
        ).run { row in
            row.text(1, revision.digest)
            row.text(2, revision.workflow)
            row.text(3, revision.canonical)
            row.integer(4, now.milliseconds)
        }
        guard inserted == 1 else { return }
        for name in Set(revision.secrets) {
            try database.execute(
                sql: "INSERT INTO workflow_revision_secret (digest, name) VALUES (?, ?)",
                arguments: [revision.digest, name])
        }
    }
}

extension Contribution {
    /// Does a run again that has ended, with its event.
    ///
    /// - Parameter started: told what became of it, in the transaction.
    package static func again(
        _ run: NewRun, of event: Event, now: UnixTime, started: @escaping @Sendable (StartedRun?) -> Void
    ) -> Contribution {
        Contribution(write: { transaction, _ in
            let starting = RunStarting(
                transaction: transaction, event: event.sequence, eventID: event.id, now: now)
            let run = try starting.start(run)
            if let run, run.status == .running { transaction.woken.append(run.sequence) }
            started(run)
        })
    }
}

/// Marks a message as used by a run; false when it was already.
@discardableResult
func take(_ message: String, by run: CommitSequence, _ database: Database) throws -> Bool {
    try RowStatement(
        database,
        "INSERT INTO workflow_taken (run_seq, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
    ).run { row in
        row.integer(1, run.value)
        row.text(2, message)
    } == 1
}
