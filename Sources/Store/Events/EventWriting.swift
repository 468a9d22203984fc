import GRDB

/// An event with what follows from it under one configuration.
package final class FannedOutEvent: Sendable {
    package let event: NewEvent
    package let deliveries: [NewDelivery]
    /// Runs that it starts, unless their rules keep them from it.
    package let runs: [NewRun]
    /// What runs that wait for the event find it by; nil when no run can.
    package let waitKey: String?

    package init(
        event: NewEvent, deliveries: [NewDelivery], runs: [NewRun] = [], waitKey: String? = nil
    ) {
        self.event = event
        self.deliveries = deliveries
        self.runs = runs
        self.waitKey = waitKey
    }
}

/// A durable event and its durable deliveries.
package final class AcceptedEvent: Sendable {
    package struct Delivery: Sendable {
        package let sequence: CommitSequence
        package let id: DeliveryID
        package let subscription: String
        /// True when an older pending delivery with the same order key goes first.
        package let isBlocked: Bool
    }

    package let sequence: CommitSequence
    package let id: EventID
    package let deliveries: [Delivery]
    /// True when the producer's id was already there: nothing was written, `deliveries` is empty.
    package let isDuplicate: Bool
    /// Deliveries of the event, also when it is a duplicate.
    package let deliveryCount: Int
    /// Runs that it started; empty for a duplicate.
    package let runs: [StartedRun]
    /// Runs of the event, also when it is a duplicate.
    package let runCount: Int
    package let acceptedAt: UnixTime

    init(
        sequence: CommitSequence, id: EventID, deliveries: [Delivery], runs: [StartedRun],
        acceptedAt: UnixTime
    ) {
        self.sequence = sequence
        self.id = id
        self.deliveries = deliveries
        isDuplicate = false
        deliveryCount = deliveries.count
        self.runs = runs
        runCount = runs.count
        self.acceptedAt = acceptedAt
    }

    /// A duplicate of an event.
    init(
        of sequence: CommitSequence, id: EventID, deliveryCount: Int, runCount: Int, acceptedAt: UnixTime
    ) {
        self.sequence = sequence
        self.id = id
        deliveries = []
        isDuplicate = true
        self.deliveryCount = deliveryCount
        runs = []
        self.runCount = runCount
        self.acceptedAt = acceptedAt
    }
}

extension Store {
    /// Writes a fact, all of it or nothing, in a shared transaction.
    ///
    /// Facts are written in the order of the calls.
    ///
    /// - Parameters:
    ///   - isBounded: whether it may be turned away when too much waits; what the process itself has to write may not.
    ///   - executor: calls `completion`; nil: the writer's thread.
    ///   - completion: called once everything is durable.
    package func commit(
        _ fact: Fact, now: UnixTime, isBounded: Bool = true, on executor: CommitExecutor? = nil,
        completion: @escaping @Sendable (Result<FactResult, any Error>) -> Void
    ) {
        let job = FactCommit(fact, now: now, store: self, on: executor, completion)
        commits.submit(job, linger: false, isBounded: isBounded)
    }

    package func commit(_ fact: Fact, now: UnixTime) async throws -> FactResult {
        try await commits.perform(isBounded: true) { try self.write(fact, now: now, in: $0) }
    }

    fileprivate func write(_ fact: Fact, now: UnixTime, in transaction: Transaction) throws -> FactResult {
        // What has happened already is so under every configuration, so it is asked for before the serial.
        for contribution in fact.contributions {
            if let obstacle = try contribution.obstacle(transaction) { return .obstructed(obstacle) }
        }
        guard try transaction.serial() == fact.serial else { return .obstructed(.configuration) }
        let before = transaction.woken.count
        let accepted = try fact.events.map { try insert($0, now: now, transaction) }
        for contribution in fact.contributions { try contribution.write(transaction, accepted) }
        return .written(accepted, woken: Array(transaction.woken[before...]))
    }

    private func insert(_ item: FannedOutEvent, now: UnixTime, _ transaction: Transaction) throws
        -> AcceptedEvent
    {
        let (event, database) = (item.event, transaction.database)
        let id = event.id ?? EventID(nextULID(at: now, after: "evt_"))
        let inserted = try transaction.statement(.insertEvent).run { row in
            row.text(1, id.text)
            row.text(2, event.type)
            row.text(3, event.ts)
            event.data.withUnsafeBufferPointer { row.text(4, utf8: $0) }
            row.text(5, event.changed)
            row.text(6, event.previous)
            row.text(7, event.source)
            row.integer(8, now.milliseconds)
            row.text(9, event.headers)
            row.text(10, event.query)
            row.text(11, event.chain)
        }
        guard inserted == 1 else { return try duplicate(id, database) }
        let sequence = CommitSequence(transaction.lastInsertedRow)
        let deliveries = try item.deliveries.map { try insert($0, event: sequence, now: now, transaction) }
        let starting = RunStarting(transaction: transaction, event: sequence, eventID: id, now: now)
        let runs = try item.runs.compactMap(starting.start)
        if let key = item.waitKey { try transaction.deliver(sequence, key: key) }
        return AcceptedEvent(
            sequence: sequence, id: id, deliveries: deliveries, runs: runs, acceptedAt: now)
    }

    private func insert(
        _ delivery: NewDelivery, event: CommitSequence, now: UnixTime, _ transaction: Transaction
    ) throws -> AcceptedEvent.Delivery {
        let database = transaction.database
        let id = delivery.id?.text ?? nextULID(at: now)
        let isBlocked =
            try delivery.orderKey.map { try hasPending(delivery.subscription, key: $0, database) } ?? false
        try transaction.statement(.insertDelivery).run { row in
            row.text(1, id)
            row.integer(2, event.value)
            row.text(3, delivery.subscription)
            let isRefused = delivery.refusal != nil
            row.text(4, isRefused ? DeliveryStatus.failed.rawValue : DeliveryStatus.pending.rawValue)
            row.integer(5, isBlocked ? Lane.blocked.rawValue : Lane.first.rawValue)
            row.text(6, delivery.body)
            row.text(7, delivery.orderKey)
            row.integer(8, now.milliseconds)
            row.integer(9, isRefused ? now.milliseconds : nil)
        }
        let sequence = CommitSequence(transaction.lastInsertedRow)
        if let refusal = delivery.refusal {
            let attempt = Attempt(
                number: 0, startedAt: now, outcome: .failed, errorClass: refusal.errorClass,
                error: refusal.message)
            try insert(attempt, of: sequence, transaction)
        } else {
            transaction.pending.add(1, to: delivery.subscription)
        }
        return AcceptedEvent.Delivery(
            sequence: sequence, id: DeliveryID(id), subscription: delivery.subscription, isBlocked: isBlocked)
    }

    /// delivery_order finds it.
    private func hasPending(_ subscription: String, key: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM delivery d
                        WHERE subscription = ? AND order_key = ? AND status = 'pending' AND NOT \(Self.isCancelled("d")))
                    """), arguments: [subscription, key]) ?? false
    }

    private func duplicate(_ id: EventID, _ database: Database) throws -> AcceptedEvent {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT seq, accepted_ms, (SELECT count(*) FROM delivery WHERE event_seq = event.seq) AS n,
                    (SELECT count(*) FROM workflow_run WHERE event_seq = event.seq AND retry_of IS NULL) AS runs
                FROM event WHERE id = ?
                """, arguments: [id.text])
        guard let row else { throw StoreError.database("the event `\(id)` vanished") }
        return AcceptedEvent(
            of: CommitSequence(row["seq"]), id: id, deliveryCount: row["n"], runCount: row["runs"],
            acceptedAt: UnixTime(milliseconds: row["accepted_ms"]))
    }
}

/// The writing of a fact.
private final class FactCommit: CommitJob, @unchecked Sendable {
    typealias Completion = @Sendable (Result<FactResult, any Error>) -> Void

    private let fact: Fact
    private let now: UnixTime
    private let store: Store
    private let completion: Completion
    private var result: Result<FactResult, any Error>?

    init(
        _ fact: Fact, now: UnixTime, store: Store, on executor: CommitExecutor?,
        _ completion: @escaping Completion
    ) {
        self.fact = fact
        self.now = now
        self.store = store
        self.completion = completion
        super.init(on: executor)
    }

    override func perform(_ transaction: Transaction) throws {
        result = .success(try store.write(fact, now: now, in: transaction))
    }

    override func fail(_ error: any Error) { result = .failure(error) }

    override func tell() {
        guard let result = result.take() else { preconditionFailure("neither performed nor failed") }
        completion(result)
    }
}
