import GRDB

/// A pending delivery with the event that it carries: all that a request needs beside the configuration.
package final class DueDelivery: Sendable {
    package let sequence: CommitSequence
    package let id: DeliveryID
    package let subscription: String
    /// Attempts so far, over all budgets.
    package let attempts: Int
    /// Attempts before the current retry budget began.
    package let budgetStart: Int
    package let orderKey: String?
    package let body: String?
    package let event: Event

    package init(
        sequence: CommitSequence, id: DeliveryID, subscription: String, attempts: Int = 0,
        budgetStart: Int = 0,
        orderKey: String? = nil, body: String? = nil, event: Event
    ) {
        self.sequence = sequence
        self.id = id
        self.subscription = subscription
        self.attempts = attempts
        self.budgetStart = budgetStart
        self.orderKey = orderKey
        self.body = body
        self.event = event
    }

    /// The columns of ``query``.
    fileprivate convenience init(_ row: borrowing RowStatement.Columns, subscription: String) {
        self.init(
            sequence: CommitSequence(row.integer(0)), id: DeliveryID(row.text(1)),
            subscription: subscription, attempts: Int(row.integer(2)), budgetStart: Int(row.integer(3)),
            orderKey: row.optionalText(4), body: row.optionalText(5),
            event: Event(
                sequence: CommitSequence(row.integer(6)), id: EventID(row.text(7)), type: row.text(8),
                ts: row.text(9), data: row.utf8(10), changed: row.optionalText(11),
                previous: row.optionalText(12), source: row.text(13),
                acceptedAt: UnixTime(milliseconds: row.integer(14)), headers: row.optionalText(15),
                query: row.optionalText(16), chain: row.optionalText(17)))
    }

    /// One delivery by its sequence, with its event. Both primary keys find them.
    fileprivate static let query = """
        SELECT d.seq, d.id, d.attempts, d.budget_start, d.order_key, d.body, e.seq, e.id, e.type, e.ts, e.data, e.changed,
            e.previous, e.source, e.accepted_ms, e.headers, e.query, e.chain
        FROM delivery d JOIN event e ON e.seq = d.event_seq WHERE d.seq = ?
        """
}

/// What a subscription has to do now and when it has to do more.
package struct DueWork: Sendable {
    /// In commit order.
    package let first: [DueDelivery]
    /// By due time.
    package let retries: [DueDelivery]
    /// True when a limit cut one of the lists.
    package let hasMoreFirst: Bool
    package let hasMoreRetries: Bool
    /// When the earliest retry that is not due yet becomes due.
    package let nextRetry: UnixTime?

    package init(
        first: [DueDelivery], retries: [DueDelivery], hasMoreFirst: Bool, hasMoreRetries: Bool,
        nextRetry: UnixTime?
    ) {
        self.first = first
        self.retries = retries
        self.hasMoreFirst = hasMoreFirst
        self.hasMoreRetries = hasMoreRetries
        self.nextRetry = nextRetry
    }
}

extension Store {
    /// The oldest due work of a subscription, at most `limit` deliveries of each kind.
    ///
    /// - Parameters:
    ///   - except: deliveries that are in memory already.
    ///   - known: where an earlier look ended, if nothing before it has become due since: first attempts begin behind it.
    ///     It saves passing over what is in memory, again and again.
    package func dueWork(
        _ subscription: String, now: UnixTime, limit: Int, except: Set<CommitSequence>,
        behind known: CommitSequence? = nil
    ) async throws -> DueWork {
        try await read { database in
            // Both lists and the minimum are ranges of delivery_due, which holds the sequence: what is in memory may stand
            // in front, and is passed over without looking at a row.
            let cancelled = try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT up_to_seq FROM cancellation WHERE subscription = ?"),
                arguments: [subscription])
            func fetch(
                _ lane: Lane, dueBy time: Int64, behind known: CommitSequence?
            ) throws -> [DueDelivery] {
                var sequences: [Int64] = []
                // With a place to begin at, it is one range of the index; first attempts are due at once, also one
                // that was put back before somebody set the clock back.
                try RowStatement(
                    database,
                    """
                    SELECT seq FROM delivery
                    WHERE status = 'pending' AND subscription = ? AND lane = ?
                        AND next_attempt_ms \(known == nil ? "<=" : "=") ? AND seq > ?
                    ORDER BY next_attempt_ms, seq
                    """
                ).forEach { row in
                    row.text(1, subscription)
                    row.integer(2, lane.rawValue)
                    row.integer(3, known == nil ? time : 0)
                    row.integer(4, max(cancelled ?? 0, known?.value ?? 0))
                } _: { row in
                    let sequence = row.integer(0)
                    if !except.contains(CommitSequence(sequence)) { sequences.append(sequence) }
                    // One more than the limit says that there are more.
                    return sequences.count <= limit
                }
                let statement = try RowStatement(database, DueDelivery.query)
                var deliveries: [DueDelivery] = []
                deliveries.reserveCapacity(sequences.count)
                for sequence in sequences {
                    try statement.forEach {
                        $0.integer(1, sequence)
                    } _: { row in
                        deliveries.append(DueDelivery(row, subscription: subscription))
                        return true
                    }
                }
                return deliveries
            }
            let first = try fetch(.first, dueBy: .max, behind: known)
            let retries = try fetch(.retry, dueBy: now.milliseconds, behind: nil)
            let next = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT min(next_attempt_ms) FROM delivery
                        WHERE status = 'pending' AND subscription = ? AND lane = 1 AND next_attempt_ms > ? AND seq > ?
                        """), arguments: [subscription, now.milliseconds, cancelled ?? 0])
            return DueWork(
                first: Array(first.prefix(limit)), retries: Array(retries.prefix(limit)),
                hasMoreFirst: first.count > limit, hasMoreRetries: retries.count > limit,
                nextRetry: next.map(UnixTime.init(milliseconds:)))
        }
    }

    /// Pulls retries closer that a clock which was set back has moved further away than their own backoff.
    ///
    /// Called at the start and when the wall clock has jumped. Returns how many there were.
    package func clampRetries(now: UnixTime) async throws -> Int {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE delivery SET next_attempt_ms = ?1 + backoff_ms
                    WHERE status = 'pending' AND lane = 1 AND next_attempt_ms > ?1 + backoff_ms
                    """, arguments: [now.milliseconds])
            return database.changesCount
        }
    }
}
