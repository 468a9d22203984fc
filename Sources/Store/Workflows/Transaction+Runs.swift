import GRDB

extension Transaction {
    /// Makes runs ready that have not ended.
    func wake(_ runs: [CommitSequence]) throws {
        let statement = try RowStatement(
            database,
            "UPDATE workflow_run SET is_ready = 1, wakes = wakes + 1 WHERE seq = ? AND finished_ms IS NULL")
        for run in runs where try statement.run({ $0.integer(1, run.value) }) == 1 { woken.append(run) }
    }

    /// Makes those ready that wait for a message.
    func wakeWaiting(endpoint: String, key: String) throws {
        // workflow_wait_key
        try wake(
            Int64.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT DISTINCT run_seq FROM workflow_wait WHERE key = ? AND source = 'inbound' AND topic = ?
                        """), arguments: [key, endpoint]
            ).map { CommitSequence($0) })
    }

    /// Keeps an event for the runs that wait for it, or will, and makes those ready that do.
    func deliver(_ event: CommitSequence, key: String) throws {
        try RowStatement(database, "INSERT INTO workflow_event (key, event_seq) VALUES (?, ?)").run { row in
            row.text(1, key)
            row.integer(2, event.value)
        }
        // workflow_wait_key; whether the pattern fits is looked at by the run.
        try wake(
            Int64.fetchAll(
                database.cachedStatement(
                    sql: "SELECT DISTINCT run_seq FROM workflow_wait WHERE key = ? AND source = 'event'"),
                arguments: [key]
            ).map { CommitSequence($0) })
    }

    /// Lets runs begin that were held back by the limit of a key, the oldest first. workflow_run_key finds them.
    func admit(_ workflow: String, key: String) throws {
        let open = try Int.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT count(*) FROM workflow_run WHERE workflow = ? AND concurrency_key = ?
                        AND concurrency_key IS NOT NULL AND finished_ms IS NULL AND status <> 'queued'
                    """), arguments: [workflow, key])
        let admitted = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    UPDATE workflow_run SET status = 'running', is_ready = 1, wakes = wakes + 1
                    WHERE seq IN (SELECT seq FROM workflow_run
                        WHERE workflow = ?1 AND concurrency_key = ?2 AND concurrency_key IS NOT NULL
                            AND status = 'queued' AND finished_ms IS NULL AND wake_ms IS NULL
                            AND concurrency_limit > ?3
                        ORDER BY seq LIMIT 1)
                    RETURNING seq
                    """), arguments: [workflow, key, open ?? 0])
        woken += admitted.map { CommitSequence($0) }
    }
}
