import GRDB

/// What an attempt means for its delivery.
package enum DeliveryTransition: Sendable, Equatable {
    case delivered
    /// The receiver will not accept it; no retry.
    case failed
    /// The retry budget is used up.
    case exhausted
    /// Pending again, due then.
    case retry(at: UnixTime, backoff: Duration)
}

/// The result of one attempt, to be recorded. One object, because it goes through many hands on its way to the commit.
package final class AttemptRecord: Sendable {
    package let delivery: CommitSequence
    package let subscription: String
    package let orderKey: String?
    package let attempt: Attempt
    package let transition: DeliveryTransition

    package init(
        delivery: CommitSequence, subscription: String, orderKey: String?, attempt: Attempt,
        transition: DeliveryTransition
    ) {
        self.delivery = delivery
        self.subscription = subscription
        self.orderKey = orderKey
        self.attempt = attempt
        self.transition = transition
    }
}

extension Store {
    /// Records an attempt and moves its delivery on, in one shared transaction that may wait for company.
    ///
    /// A delivery that is no longer pending (cancelled or expired while the request was under way) keeps its status,
    /// except that one that was delivered all the same says so. When a delivery with an order key ends, the next one of
    /// its key becomes due in the same transaction.
    ///
    /// - Parameters:
    ///   - executor: calls `completion`; nil: the writer's thread.
    ///   - completion: called once it is durable.
    package func record(
        _ record: AttemptRecord, now: UnixTime, on executor: CommitExecutor? = nil,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        commits.submit(
            AttemptCommit(record, now: now, store: self, on: executor, completion), linger: true)
    }

    fileprivate func record(_ record: AttemptRecord, now: UnixTime, _ transaction: Transaction) throws {
        let database = transaction.database
        try writeCancellation(of: record.delivery.value, record.subscription, transaction)
        let moved =
            switch record.transition {
            case .delivered: try finish(record, .delivered, now: now, transaction)
            case .failed: try finish(record, .failed, now: now, transaction)
            case .exhausted: try finish(record, .exhausted, now: now, transaction)
            case .retry(let time, let backoff): try reschedule(record, at: time, backoff: backoff, database)
            }
        // One that was cancelled may have been pruned since; then there is nothing to tell about.
        guard try moved || exists(record.delivery, database) else { return }
        try insert(record.attempt, of: record.delivery, transaction)
    }

    private func exists(_ delivery: CommitSequence, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM delivery WHERE seq = ?)", arguments: [delivery.value]
        )
            ?? false
    }

    /// Returns whether it changed the delivery.
    private func finish(
        _ record: AttemptRecord, _ status: DeliveryStatus, now: UnixTime, _ transaction: Transaction
    ) throws -> Bool {
        let database = transaction.database
        let changed = try transaction.statement(.finishDelivery).run { bind(record, status, now, $0) }
        transaction.pending.add(-changed, to: record.subscription)
        if let key = record.orderKey { try unblock(record.subscription, key: key, database) }
        if changed == 0, status == .delivered { return try deliverGivenUp(record, now: now, database) }
        return changed == 1
    }

    /// One that was cancelled or expired while its request was under way did arrive. The primary key finds it.
    private func deliverGivenUp(_ record: AttemptRecord, now: UnixTime, _ database: Database) throws -> Bool {
        try RowStatement(
            database,
            """
            UPDATE delivery SET status = ?2, attempts = ?3, finished_ms = ?4
            WHERE seq = ?1 AND status IN ('cancelled', 'expired')
            """
        ).run { bind(record, .delivered, now, $0) } == 1
    }

    private func bind(
        _ record: AttemptRecord, _ status: DeliveryStatus, _ now: UnixTime,
        _ row: borrowing RowStatement.Binder
    ) {
        row.integer(1, record.delivery.value)
        row.text(2, status.rawValue)
        row.integer(3, record.attempt.number)
        row.integer(4, now.milliseconds)
    }

    /// Returns whether it changed the delivery.
    private func reschedule(
        _ record: AttemptRecord, at time: UnixTime, backoff: Duration, _ database: Database
    ) throws -> Bool {
        // The primary key finds it; a cancelled one stays cancelled.
        try RowStatement(
            database,
            """
            UPDATE delivery SET lane = ?2, next_attempt_ms = ?3, backoff_ms = ?4, attempts = ?5
            WHERE seq = ?1 AND status = 'pending'
            """
        ).run { row in
            row.integer(1, record.delivery.value)
            row.integer(2, Lane.retry.rawValue)
            row.integer(3, time.milliseconds)
            row.integer(4, backoff.milliseconds)
            row.integer(5, record.attempt.number)
        } == 1
    }

    /// Makes the oldest waiting delivery of a key due. delivery_order finds it.
    func unblock(_ subscription: String, key: String, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE delivery SET lane = 0 WHERE lane = 2 AND status = 'pending' AND seq =
                    (SELECT min(seq) FROM delivery d WHERE subscription = ? AND order_key = ? AND status = 'pending'
                        AND NOT \(Self.isCancelled("d")))
                """
        ).execute(arguments: [subscription, key])
    }

    func insert(_ attempt: Attempt, of delivery: CommitSequence, _ transaction: Transaction) throws {
        try transaction.statement(.insertAttempt).run { row in
            row.integer(1, delivery.value)
            row.integer(2, attempt.number)
            row.integer(3, attempt.startedAt.milliseconds)
            row.text(4, attempt.outcome.rawValue)
            row.integer(5, attempt.statusCode.map(Int64.init))
            row.text(6, attempt.errorClass)
            row.text(7, attempt.error)
            row.text(8, attempt.timing)
            row.text(9, attempt.headers)
            row.blob(10, attempt.body)
            row.integer(11, attempt.isTruncated ? 1 : 0)
        }
    }
}

/// The recording of an attempt.
private final class AttemptCommit: CommitJob, @unchecked Sendable {
    typealias Completion = @Sendable (Result<Void, any Error>) -> Void

    private let record: AttemptRecord
    private let now: UnixTime
    private let store: Store
    private let completion: Completion
    private var result: Result<Void, any Error>?

    init(
        _ record: AttemptRecord, now: UnixTime, store: Store, on executor: CommitExecutor?,
        _ completion: @escaping Completion
    ) {
        self.record = record
        self.now = now
        self.store = store
        self.completion = completion
        super.init(on: executor)
    }

    override func perform(_ transaction: Transaction) throws {
        result = .success(try store.record(record, now: now, transaction))
    }

    override func fail(_ error: any Error) { result = .failure(error) }

    override func tell() {
        guard let result = result.take() else { preconditionFailure("neither performed nor failed") }
        completion(result)
    }
}
