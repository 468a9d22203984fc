/// The statements that run once for each event, delivery, attempt, or step of a run.
enum HotStatement: Int, CaseIterable {
    case insertEvent, insertDelivery, finishDelivery, insertAttempt
    case insertRun, newestMessage, runLength, growRun, moveRun, insertEntry, firstWait, runTies

    var sql: String {
        switch self {
        case .insertEvent:
            // The unique index on id makes a repeated one a no-op.
            """
            INSERT INTO event (id, type, ts, data, changed, previous, source, accepted_ms, headers, query,
                chain)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """
        case .insertDelivery:
            """
            INSERT INTO delivery (id, event_seq, subscription, status, lane, next_attempt_ms, backoff_ms, attempts,
                budget_start, body, order_key, created_ms, finished_ms)
            VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?)
            """
        case .finishDelivery:
            // The primary key finds it. One that arrived before it was sent again stays delivered.
            """
            UPDATE delivery SET status = CASE WHEN was_delivered = 1 THEN 'delivered' ELSE ?2 END, attempts = ?3,
                finished_ms = ?4
            WHERE seq = ?1 AND status = 'pending'
            """
        case .insertAttempt:
            // The primary key refuses a second record of the same attempt; the first one stays.
            """
            INSERT INTO attempt (delivery_seq, number, started_ms, outcome, status_code, error_class, error, timing,
                headers, body, is_truncated)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_seq, number) DO NOTHING
            """
        case .insertRun:
            """
            INSERT INTO workflow_run (id, workflow, digest, status, event_seq, start, record_id, chain_root, chain_depth,
                concurrency_key, concurrency_limit, parent_seq, parent_step, retry_of, is_ready, wake_ms, message_floor,
                error, created_ms, finished_ms, parent_attempt, entries, started_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        case .newestMessage:
            // The last entry of the primary key.
            "SELECT max(seq) FROM inbound_message"
        case .runLength:
            // The primary key.
            "SELECT entries FROM workflow_run WHERE seq = ? AND finished_ms IS NULL"
        case .growRun:
            // The primary key; no index has the column, so that none is written.
            "UPDATE workflow_run SET entries = ?2 WHERE seq = ?1"
        case .moveRun:
            // The primary key.
            """
            UPDATE workflow_run SET status = ?2, entries = ?3,
                is_ready = CASE WHEN ?10 THEN 0 WHEN wakes <> ?5 THEN 1 ELSE ?4 END, wake_ms = ?6,
                command = CASE WHEN ?7 THEN NULL ELSE command END, error = ?8, outputs = ?9,
                started_ms = coalesce(started_ms, ?11), finished_ms = CASE WHEN ?10 THEN ?11 END
            WHERE seq = ?1
            """
        case .insertEntry:
            // The primary key refuses a second entry with a number.
            "INSERT INTO workflow_journal (run_seq, number, at_ms, entry) VALUES (?, ?, ?, ?)"
        case .firstWait:
            // A prefix of the primary key.
            "SELECT step FROM workflow_wait WHERE run_seq = ? LIMIT 1"
        case .runTies:
            // The primary key, and only runs that others may wait for.
            """
            SELECT workflow, concurrency_key, parent_seq FROM workflow_run
            WHERE seq = ? AND (concurrency_key IS NOT NULL OR parent_seq IS NOT NULL)
            """
        }
    }
}
