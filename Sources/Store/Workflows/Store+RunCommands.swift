import GRDB
package import Resources

/// What became of a command to a run.
package enum RunCommandResult: Sendable, Equatable {
    /// Durable. The status is that of before, or `cancelled` for a run that had not begun; `woken` are those that have to be
    /// told: the run that carries it out, or the one that waited for it.
    case accepted(RunStatus, woken: [CommitSequence])
    case unknown
    /// The run's status does not allow it.
    case impossible(RunStatus)
}

extension Store {
    /// Asks a run to end. One that has not begun ends at once.
    package func cancelRun(_ id: WorkflowRunID, now: UnixTime) async throws -> RunCommandResult {
        try await commits.perform { transaction in
            let database = transaction.database
            guard let (run, status) = try find(id, database) else { return .unknown }
            if status.isFinal { return .impossible(status) }
            guard status == .queued else { return try command(.cancel, run, status, transaction) }
            try database.execute(
                sql: """
                    UPDATE workflow_run SET status = 'cancelled', finished_ms = ?, wake_ms = NULL
                    WHERE seq = ? AND status = 'queued'
                    """, arguments: [now.milliseconds, run.value])
            let parent = try Int64.fetchOne(
                database, sql: "SELECT parent_seq FROM workflow_run WHERE seq = ? AND parent_seq IS NOT NULL",
                arguments: [run.value])
            let woken = [parent].compactMap { $0 }.map { CommitSequence($0) }
            try transaction.wake(woken)
            return .accepted(.cancelled, woken: woken)
        }
    }

    /// Asks a paused run to try again where it stopped.
    package func resumeRun(_ id: WorkflowRunID) async throws -> RunCommandResult {
        try await commits.perform { transaction in
            guard let (run, status) = try find(id, transaction.database) else { return .unknown }
            guard status == .paused else { return .impossible(status) }
            return try command(.resume, run, status, transaction)
        }
    }

    /// Asks all runs of older revisions of a workflow to end that were not asked before; returns those that have to be
    /// told, with the runs that waited for one which had not begun.
    ///
    /// - Parameter sparesRepeats: leaves those alone that a person has repeated.
    package func cancelRuns(
        of workflow: String, except digest: String, sparesRepeats: Bool = false
    ) async throws -> [CommitSequence] {
        try await commits.perform { transaction in
            let database = transaction.database
            let now = try Int64.fetchOne(database, sql: "SELECT clock_ms FROM state WHERE id = 1") ?? 0
            // workflow_run_open; those that have not begun end at once.
            let older =
                "digest IN (SELECT digest FROM workflow_revision WHERE workflow = ? AND digest <> ?)"
                + (sparesRepeats ? " AND retry_of IS NULL" : "")
            let parents = try Optional<Int64>.fetchAll(
                database,
                sql: """
                    UPDATE workflow_run SET status = 'cancelled', finished_ms = max(created_ms, ?), wake_ms = NULL
                    WHERE \(older) AND status = 'queued' AND finished_ms IS NULL RETURNING parent_seq
                    """, arguments: [now, workflow, digest])
            let waiting = Set(parents.compactMap { $0 }).sorted().map { CommitSequence($0) }
            try transaction.wake(waiting)
            let runs = try Int64.fetchAll(
                database,
                sql: """
                    UPDATE workflow_run SET command = 'cancel', is_ending = 1, is_ready = 1, wakes = wakes + 1
                    WHERE \(older) AND finished_ms IS NULL AND is_ending = 0 RETURNING seq
                    """, arguments: [workflow, digest])
            return runs.map { CommitSequence($0) } + waiting
        }
    }
}

extension Contribution {
    /// Asks the run to end that a step has called. workflow_run_parent finds it.
    package static func cancelChild(
        of parent: CommitSequence, step: String, now: UnixTime
    ) -> Contribution {
        Contribution(write: { transaction, _ in
            let database = transaction.database
            try database.cachedStatement(
                sql: """
                    UPDATE workflow_run SET status = 'cancelled', finished_ms = ?, wake_ms = NULL
                    WHERE parent_seq = ? AND parent_seq IS NOT NULL AND parent_step = ? AND status = 'queued'
                        AND finished_ms IS NULL
                    """
            ).execute(arguments: [now.milliseconds, parent.value, step])
            let woken = try Int64.fetchAll(
                database.cachedStatement(
                    sql: """
                        UPDATE workflow_run SET command = 'cancel', is_ending = 1, is_ready = 1, wakes = wakes + 1
                        WHERE parent_seq = ? AND parent_seq IS NOT NULL AND parent_step = ? AND finished_ms IS NULL
                        RETURNING seq
                        """), arguments: [parent.value, step])
            transaction.woken += woken.map { CommitSequence($0) }
        })
    }
}

private func find(_ id: WorkflowRunID, _ database: Database) throws -> (CommitSequence, RunStatus)? {
    let row = try Row.fetchOne(
        database, sql: "SELECT seq, status FROM workflow_run WHERE id = ?", arguments: [id.text])
    guard let row, let status = RunStatus(rawValue: row["status"]) else { return nil }
    return (CommitSequence(row["seq"]), status)
}

private func command(
    _ command: RunCommand, _ run: CommitSequence, _ status: RunStatus, _ transaction: Transaction
) throws -> RunCommandResult {
    // The primary key finds it; a cancellation is not replaced by anything.
    try transaction.database.execute(
        sql: """
            UPDATE workflow_run SET command = CASE WHEN command = 'cancel' THEN command ELSE ?1 END,
                is_ending = CASE WHEN ?1 = 'cancel' THEN 1 ELSE is_ending END, is_ready = 1, wakes = wakes + 1
            WHERE seq = ?2 AND finished_ms IS NULL
            """, arguments: [command.rawValue, run.value])
    return .accepted(status, woken: [run])
}
