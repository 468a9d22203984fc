import GRDB

/// What became of a request to send a delivery again.
package enum RedeliverResult: Sendable, Equatable {
    /// It is pending again, with a fresh retry budget; the id is the old one, or a new one when that was asked for.
    case pending(DeliveryID, subscription: String)
    case unknown
    /// It is pending or under way already.
    case busy
    /// It failed before there was anything to send: its filter, key or body did.
    case neverMade
    /// Its subscription does not exist any more.
    case orphaned
    /// The request came before; its answer. Nothing was written.
    case repeated(StoredAnswer)
}

/// The key of a request with the answer that is kept in the transaction of its effect.
package struct KeptAnswer: Sendable {
    package let key: IdempotencyKey
    /// Made from the delivery that is pending.
    package let answer: @Sendable (DeliveryID, _ subscription: String) -> StoredAnswer

    package init(
        key: IdempotencyKey, answer: @escaping @Sendable (DeliveryID, _ subscription: String) -> StoredAnswer
    ) {
        self.key = key
        self.answer = answer
    }
}

/// Which deliveries of a subscription are to be sent again.
package struct ReplaySelection: Sendable {
    package var since: UnixTime
    package var until: UnixTime?
    package var status: DeliveryStatus?
    /// Makes new deliveries with ids of their own, for receivers that recognise repeated ones.
    package var newID = false

    package init(since: UnixTime, until: UnixTime? = nil, status: DeliveryStatus? = nil, newID: Bool = false)
    {
        self.since = since
        self.until = until
        self.status = status
        self.newID = newID
    }
}

extension Store {
    /// Makes a finished delivery pending again.
    ///
    /// A delivered one stays `delivered` for its id unless a new id is asked for: it is sent again all the same, and
    /// only a delivery that was never taken can change its status for the worse.
    ///
    /// - Parameter kept: for a request with a key: a repeated one gets its answer and does nothing.
    package func redeliver(
        _ id: DeliveryID, newID: Bool, now: UnixTime, keeping kept: KeptAnswer? = nil
    ) async throws -> RedeliverResult {
        while true {
            switch try await tryRedeliver(id, newID: newID, now: now, keeping: kept) {
            case .done(let result): return result
            case .unsettled(let subscription):
                while try await writeCancellations(of: subscription, limit: Self.cancellationBatch) != nil {}
            }
        }
    }

    private enum Redelivery {
        case done(RedeliverResult)
        /// Cancellations of the subscription are still to be written. They go by the sequence, so that one from before them
        /// would count as cancelled again.
        case unsettled(subscription: String)
    }

    private static let cancellationBatch = 500

    private func tryRedeliver(
        _ id: DeliveryID, newID: Bool, now: UnixTime, keeping kept: KeptAnswer?
    ) async throws -> Redelivery {
        try await commits.perform { transaction in
            let database = transaction.database
            if let kept, let answer = try storedAnswer(kept.key, now: now, database) {
                return .done(.repeated(answer))
            }
            // The unique index on id finds it.
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT seq, subscription, status, attempts FROM delivery WHERE id = ?",
                    arguments: [id.text])
            else { return .done(.unknown) }
            let subscription: String = row["subscription"]
            let sequence: Int64 = row["seq"]
            // Only a delivery that was refused at fan-out has failed without an attempt.
            if row["status"] == DeliveryStatus.failed.rawValue, row["attempts"] == 0 {
                return .done(.neverMade)
            }
            guard try self.isLive(subscription, database) else { return .done(.orphaned) }
            if let cancellation = try transaction.cancellations()[subscription], sequence <= cancellation.upTo
            {
                return .unsettled(subscription: subscription)
            }
            if row["status"] == DeliveryStatus.pending.rawValue { return .done(.busy) }
            let made =
                try self.makePending(sequence, of: subscription, newID: newID, now: now, transaction) ?? id
            if let kept { try keepAnswer(kept.answer(made, subscription), to: kept.key, now: now, database) }
            return .done(.pending(made, subscription: subscription))
        }
    }

    /// The newest delivery and the newest event: where a replay that begins now ends, whatever the clock says.
    package func newest() async throws -> (delivery: CommitSequence, event: CommitSequence) {
        try await read { database in
            // The primary keys know.
            func newest(_ table: String) throws -> CommitSequence {
                CommitSequence(try Int64.fetchOne(database, sql: "SELECT max(seq) FROM \(table)") ?? 0)
            }
            return (try newest("delivery"), try newest("event"))
        }
    }

    /// Makes the finished deliveries of a selection pending again, at most `limit` of them, oldest first.
    ///
    /// Cancellations that are still to be written are not selected; write them first.
    ///
    /// - Parameters:
    ///   - after: where the last call ended.
    ///   - last: the last one to look at: what the replay itself makes is younger.
    /// - Returns: how many there were and where to go on; nil at the end.
    package func replay(
        _ subscription: String, _ selection: ReplaySelection, after: CommitSequence?,
        upTo last: CommitSequence, limit: Int, now: UnixTime
    ) async throws -> (count: Int, next: CommitSequence?) {
        // Which ones they are is looked up beside the writer: what is older than the selection is passed over.
        let selected = try await read { database in
            // delivery_log gives the order.
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT seq FROM delivery
                    WHERE subscription = ? AND seq > ? AND seq <= ? AND status <> 'pending'
                        AND created_ms >= ? AND created_ms < ?
                        AND NOT (status = 'failed' AND attempts = 0) AND (? IS NULL OR status = ?)
                    ORDER BY seq LIMIT ?
                    """,
                arguments: [
                    subscription, after?.value ?? 0, last.value, selection.since.milliseconds,
                    selection.until?.milliseconds ?? .max, selection.status?.rawValue,
                    selection.status?.rawValue, limit,
                ])
        }
        let count = try await commits.perform { transaction in
            try selected.reduce(0) { count, sequence in
                _ = try self.makePending(
                    sequence, of: subscription, newID: selection.newID, now: now, transaction)
                return count + transaction.database.changesCount
            }
        }
        let last = selected.count == limit ? selected.last : nil
        return (count, last.map(CommitSequence.init))
    }

    private func isLive(_ subscription: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM resource WHERE kind = 'Subscription' AND name = ?)",
            arguments: [subscription]) ?? false
    }

    /// Puts a delivery that is still finished behind the pending ones of its key, or into the retry lane, with a fresh budget; or
    /// makes a copy of it under a new id, which is returned.
    private func makePending(
        _ sequence: Int64, of subscription: String, newID: Bool, now: UnixTime, _ transaction: Transaction
    ) throws -> DeliveryID? {
        let database = transaction.database
        defer { transaction.pending.add(database.changesCount, to: subscription) }
        guard newID else {
            // delivery_order finds the pending ones of the key.
            try database.execute(
                sql: """
                    UPDATE delivery SET status = 'pending', next_attempt_ms = ?1, again_ms = ?1, backoff_ms = 0,
                        lane = CASE WHEN EXISTS (SELECT 1 FROM delivery o WHERE o.subscription = delivery.subscription
                            AND o.order_key = delivery.order_key AND o.status = 'pending'
                            AND NOT \(Self.isCancelled("o"))) THEN 2 ELSE 1 END,
                        budget_start = attempts, finished_ms = NULL,
                        was_delivered = CASE WHEN status = 'delivered' THEN 1 ELSE was_delivered END
                    WHERE seq = ?2 AND status <> 'pending'
                    """, arguments: [now.milliseconds, sequence])
            return nil
        }
        let id = nextULID(at: now)
        // delivery_order finds the pending ones of the key. A body that names the delivery names the new one.
        try database.execute(
            sql: """
                INSERT INTO delivery (id, event_seq, subscription, status, lane, next_attempt_ms, backoff_ms, attempts,
                    budget_start, body, order_key, created_ms)
                SELECT ?1, event_seq, subscription, 'pending',
                    CASE WHEN EXISTS (SELECT 1 FROM delivery o WHERE o.subscription = d.subscription
                        AND o.order_key = d.order_key AND o.status = 'pending'
                        AND NOT \(Self.isCancelled("o"))) THEN 2 ELSE 1 END,
                    ?2, 0, 0, 0, replace(body, id, ?1), order_key, ?2
                FROM delivery d WHERE seq = ?3 AND status <> 'pending'
                """, arguments: [id, now.milliseconds, sequence])
        return DeliveryID(id)
    }
}

/// An old event that a subscription is to get although it was not there yet.
package struct MissingDelivery: Sendable {
    package let event: CommitSequence
    package let delivery: NewDelivery

    package init(event: CommitSequence, delivery: NewDelivery) {
        self.event = event
        self.delivery = delivery
    }
}

extension Store {
    /// Makes deliveries of old events, except where the subscription has one of the event already. One that could not be
    /// made then does not count, and one that cannot be made now is left out.
    ///
    /// - Returns: how many were made; nil when the configuration moved on since they were evaluated.
    package func deliverMissing(_ missing: [MissingDelivery], serial: Int64, now: UnixTime) async throws
        -> Int?
    {
        try await commits.perform { transaction in
            guard try transaction.serial() == serial else { return nil }
            var made = 0
            for item in missing where item.delivery.refusal == nil {
                let database = transaction.database
                // delivery_event finds what the subscription has of the event, delivery_order the pending ones of
                // the key.
                try database.execute(
                    sql: """
                        INSERT INTO delivery (id, event_seq, subscription, status, lane, next_attempt_ms, backoff_ms,
                            attempts, budget_start, body, order_key, created_ms)
                        SELECT ?1, seq, ?3, 'pending', CASE WHEN EXISTS (SELECT 1 FROM delivery d
                                WHERE subscription = ?3 AND order_key = ?5 AND status = 'pending'
                                    AND NOT \(Self.isCancelled("d"))) THEN 2 ELSE 1 END,
                            ?6, 0, 0, 0, ?4, ?5, ?6 FROM event
                        WHERE seq = ?2 AND NOT EXISTS
                            (SELECT 1 FROM delivery WHERE event_seq = ?2 AND subscription = ?3
                                AND NOT (status = 'failed' AND attempts = 0))
                        """,
                    arguments: [
                        item.delivery.id?.text ?? self.nextULID(at: now), item.event.value,
                        item.delivery.subscription, item.delivery.body,
                        item.delivery.orderKey, now.milliseconds,
                    ])
                made += database.changesCount
                transaction.pending.add(database.changesCount, to: item.delivery.subscription)
            }
            return made
        }
    }

    /// Events of a stretch of time in commit order, at most `limit`.
    ///
    /// - Parameters:
    ///   - after: where the last call ended.
    ///   - last: the last one to look at.
    package func events(
        since: UnixTime, until: UnixTime?, after: CommitSequence?, upTo last: CommitSequence, limit: Int
    ) async throws -> [Event] {
        try await read { database in
            // The primary key gives the order.
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM event WHERE seq > ? AND seq <= ? AND accepted_ms >= ? AND accepted_ms < ?
                    ORDER BY seq LIMIT ?
                    """,
                arguments: [
                    after?.value ?? 0, last.value, since.milliseconds, until?.milliseconds ?? .max, limit,
                ]
            ).map(Event.init)
        }
    }
}
