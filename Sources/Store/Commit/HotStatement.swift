/// The statements that run once for each event, delivery or attempt.
enum HotStatement: Int, CaseIterable {
    case insertEvent, insertDelivery, finishDelivery, insertAttempt

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
        }
    }
}
