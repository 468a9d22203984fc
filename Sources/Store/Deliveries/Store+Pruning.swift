import GRDB
import Synchronization

/// How far the detail of a subscription's attempts has been pruned.
package struct PruningCursor: Sendable, Equatable {
    /// The newest delivery when it was last pruned.
    let newest: Int64
    /// Everything up to here has no detail any more.
    let pruned: Int64

    package init() { self.init(newest: 0, pruned: 0) }

    fileprivate init(newest: Int64, pruned: Int64) {
        self.newest = newest
        self.pruned = pruned
    }
}

/// How far the events were looked through for old ones.
package struct EventCursor: Sendable, Equatable {
    /// Everything up to here is gone, or was needed when the pass began.
    fileprivate var position: Int64
    fileprivate let begun: UnixTime?

    package init() { self.init(position: 0, begun: nil) }

    fileprivate init(position: Int64, begun: UnixTime?) {
        self.position = position
        self.begun = begun
    }

    /// How long a pass goes on from where the last call ended.
    private static let pass = Duration.seconds(600)

    /// This pass as long as it lasts, then one from the beginning.
    fileprivate func continued(at now: UnixTime) -> EventCursor {
        if let begun, now >= begun, now < begun + Self.pass { return self }
        return EventCursor(position: 0, begun: now)
    }
}

extension Store {
    /// Removes the attempt detail of all but the last `keep` deliveries of a subscription, in small transactions;
    /// a pending delivery keeps its own.
    ///
    /// - Parameters:
    ///   - known: what the last call returned; it saves looking at the same rows again.
    ///   - progress: called before each transaction.
    package func pruneAttempts(
        _ subscription: String, keep: Int, from known: PruningCursor, progress: @Sendable () -> Void = {}
    ) async throws -> PruningCursor {
        let range = try await read { database -> (newest: Int64, from: Int64, to: Int64)? in
            // delivery_log gives both ends.
            let newest = try Int64.fetchOne(
                database, sql: "SELECT max(seq) FROM delivery WHERE subscription = ?",
                arguments: [subscription])
            guard let newest, newest != known.newest else { return nil }
            let boundary = try Int64.fetchOne(
                database,
                sql: "SELECT seq FROM delivery WHERE subscription = ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
                arguments: [subscription, keep])
            guard let boundary else { return (newest, 0, 0) }
            let oldest =
                try Int64.fetchOne(database, sql: "SELECT min(delivery_seq) FROM attempt") ?? boundary
            return (newest, max(known.pruned, oldest - 1), boundary)
        }
        guard let range else { return known }
        var from = range.from
        while from < range.to {
            progress()
            from = try await pruneAttempts(subscription, after: from, upTo: range.to)
        }
        return PruningCursor(newest: range.newest, pruned: max(known.pruned, range.to))
    }

    private static let pruningBatch = 500

    /// One small transaction; returns where to go on.
    ///
    /// One statement for all of them: SQLite makes a temporary table for each that deletes more than one row of a table
    /// without row ids, which costs more than the deletion.
    private func pruneAttempts(_ subscription: String, after: Int64, upTo boundary: Int64) async throws
        -> Int64
    {
        try await write { database in
            // delivery_log gives the range, both primary keys the rows.
            let last =
                try Int64.fetchOne(
                    database.cachedStatement(
                        sql: """
                            SELECT seq FROM delivery WHERE subscription = ? AND seq > ? AND seq <= ?
                            ORDER BY seq LIMIT 1 OFFSET ?
                            """), arguments: [subscription, after, boundary, Self.pruningBatch - 1])
                ?? boundary
            try database.cachedStatement(
                sql: """
                    DELETE FROM attempt WHERE delivery_seq IN (SELECT seq FROM delivery
                        WHERE subscription = ? AND seq > ? AND seq <= ? AND status <> 'pending')
                    """
            ).execute(arguments: [subscription, after, last])
            return last
        }
    }

    /// Removes the events that were accepted before `time`, with their deliveries, `batch` events in a transaction;
    /// returns how many went, and where the next call goes on.
    ///
    /// An event with a run, a pending delivery, or one that ended at `time` or later stays: what has expired, or was sent
    /// after a long outage, can be looked at and sent again for as long. So do the newest event and the newest delivery:
    /// sequences and identifiers go on from them.
    ///
    /// Events stand in the order in which they were accepted, so that one before an old one is old, whatever the clock
    /// said; what comes from a future that the clock has left again is passed over.
    ///
    /// - Parameters:
    ///   - known: what the last call returned; what was needed then is looked at again ten minutes later.
    ///   - progress: called before each transaction.
    package func pruneEvents(
        olderThan time: UnixTime, now: UnixTime, batch: Int, from known: EventCursor = EventCursor(),
        progress: @Sendable () -> Void = {}
    ) async throws -> (removed: Int, cursor: EventCursor) {
        var removed = 0
        var cursor = known.continued(at: now)
        var position: Int64? = cursor.position
        while let start = position {
            progress()
            let found = try await eventsToPrune(olderThan: time, now: now, after: start, limit: batch)
            if !found.old.isEmpty { removed += try await deleteEvents(found.old, endedBefore: time) }
            cursor.position = max(cursor.position, found.upTo ?? 0)
            position = found.next
        }
        return (removed, cursor)
    }

    private struct OldEvents {
        /// Those that nothing needs.
        let old: [Int64]
        /// The last one that is old, needed or not.
        let upTo: Int64?
        /// Where to go on; nil when the young ones were reached.
        let next: Int64?
    }

    /// Finished events among the next `limit`.
    private func eventsToPrune(
        olderThan time: UnixTime, now: UnixTime, after start: Int64, limit: Int
    ) async throws -> OldEvents {
        try await read { database in
            // The primary key gives the order in which events were accepted; delivery_event finds the deliveries,
            // workflow_run_event the runs.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT seq, accepted_ms, EXISTS (SELECT 1 FROM delivery WHERE event_seq = event.seq AND
                            (status = 'pending' OR finished_ms >= ?3 OR seq = (SELECT max(seq) FROM delivery)))
                        OR EXISTS (SELECT 1 FROM workflow_run WHERE event_seq = event.seq) AS is_needed
                    FROM event WHERE seq > ?1 AND seq < (SELECT max(seq) FROM event) ORDER BY seq LIMIT ?2
                    """, arguments: [start, limit, time.milliseconds])
            let last = rows.lastIndex { ($0["accepted_ms"] as Int64) < time.milliseconds }
            let old = last.map { rows[...$0] } ?? []
            let endsInFuture = rows.last.map { ($0["accepted_ms"] as Int64) > now.milliseconds } ?? false
            let goesOn = rows.count == limit && (last == rows.indices.last || endsInFuture)
            return OldEvents(
                old: old.filter { !($0["is_needed"] as Bool) }.map { $0["seq"] }, upTo: old.last?["seq"],
                next: goesOn ? rows.last?["seq"] : nil)
        }
    }

    /// Deletes what is still finished: a delivery may have been redelivered since it was looked at.
    private func deleteEvents(_ events: [Int64], endedBefore time: UnixTime) async throws -> Int {
        try await write { database in
            let isNeeded = try database.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM delivery
                            WHERE event_seq = ?1 AND (status = 'pending' OR finished_ms >= ?2))
                        OR EXISTS (SELECT 1 FROM workflow_run WHERE event_seq = ?1)
                    """)
            let deliveries = try database.cachedStatement(sql: "DELETE FROM delivery WHERE event_seq = ?")
            let event = try database.cachedStatement(sql: "DELETE FROM event WHERE seq = ?")
            var removed = 0
            for sequence in events {
                if try Bool.fetchOne(isNeeded, arguments: [sequence, time.milliseconds]) ?? false {
                    continue
                }
                try deliveries.execute(arguments: [sequence])
                try event.execute(arguments: [sequence])
                removed += 1
            }
            return removed
        }
    }

    /// Marks the oldest pending deliveries of a subscription beyond `maxPending` as expired, at most 1,000 of them;
    /// returns how many there were.
    ///
    /// Which ones they are is looked up beside the writer, which only changes what is still pending.
    package func expirePending(_ subscription: String, maxPending: Int, now: UnixTime) async throws -> Int {
        let excess = pending.count(of: subscription) - maxPending
        guard excess > 0 else { return 0 }
        return try await expire(
            oldestPending(of: subscription, limit: min(excess, Self.expiryBatch)), of: subscription, now: now)
    }

    /// Marks pending deliveries of a subscription that were made, or made pending again, before `time` as expired, at most
    /// 1,000 of them, the oldest first; returns how many there were.
    package func expirePending(_ subscription: String, madeBefore time: UnixTime, now: UnixTime) async throws
        -> Int
    {
        let oldest = try await oldestPending(of: subscription, madeBefore: time, limit: Self.expiryBatch)
        guard !oldest.isEmpty else { return 0 }
        return try await expire(oldest, of: subscription, now: now)
    }

    private static let expiryBatch = 1000

    private func expire(
        _ oldest: [CommitSequence], of subscription: String, now: UnixTime
    ) async throws -> Int {
        try await commits.perform { transaction in
            // The primary key finds each.
            let expire = try transaction.database.cachedStatement(
                sql: """
                    UPDATE delivery SET \(Self.ends(.expired)), finished_ms = ? WHERE seq = ? AND status = 'pending'
                    RETURNING order_key
                    """)
            var keys: [String?] = []
            for sequence in oldest {
                keys += try Optional<String>.fetchAll(expire, arguments: [now.milliseconds, sequence.value])
            }
            transaction.pending.add(-keys.count, to: subscription)
            for key in Set(keys.compactMap(\.self)) {
                try self.unblock(subscription, key: key, transaction.database)
            }
            return keys.count
        }
    }

    /// Truncates the write-ahead log when it has grown beyond `bytes`.
    ///
    /// - Throws: `StoreError.database` when a reader stands in the way; a later call will find it gone.
    package func truncateLog(beyond bytes: Int) async throws {
        guard let size = fileSize(path.log), size > bytes else { return }
        do {
            try await pool.writeWithoutTransaction { database in
                guard self.isOpen.load(ordering: .acquiring) else { return }
                _ = try database.checkpoint(.truncate)
            }
        } catch {
            throw StoreError.wrapping(error, path: path.file)
        }
    }
}
