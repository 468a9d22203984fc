import GRDB
import Synchronization
import Threads

/// The shared-commit writer of the hot paths.
///
/// Work that waits together is performed in one transaction and committed once (`synchronous=FULL`); every
/// completion is called after that commit. Urgent work never waits for a timer: the writer takes it as soon as it
/// is free. Work that nobody waits for lingers a moment, also while others commit: theirs are sooner done without it,
/// and many pieces of one kind in one commit cost less than a few in each.
///
/// If one piece of work fails, the transaction is rolled back and every piece of the batch is performed again in a
/// transaction of its own: only the one that fails gets the error. Work is therefore performed once or twice and
/// must have no effect outside the database.
package final class CommitQueue: Sendable {
    package struct Limits: Sendable {
        /// Pieces of work in one transaction.
        package var batch = 512
        /// How long work without a waiting caller waits for company; less once a batch of it is there.
        package var linger = Duration.milliseconds(2)

        /// Pieces of work that may wait; beyond it callers are turned away, which is better than letting all of them
        /// wait longer and longer.
        package var backlog = 16_384

        package init() {}
    }

    private struct State {
        var urgent: [CommitJob] = []
        var lingering: [CommitJob] = []
        var lingeringSince: ContinuousClock.Instant?
        var isRunning = false
        var isClosed = false
        var statistics = Statistics()
    }

    /// What the writer has done since the start.
    package struct Statistics: Sendable {
        /// Transactions that are durable.
        package fileprivate(set) var commits = 0
        /// Pieces of work in them.
        package fileprivate(set) var writes = 0
        /// Time that they took, from `BEGIN` to the end of `COMMIT`.
        package fileprivate(set) var time = Duration.zero
    }

    private enum Admission { case refused(StoreError), quiet, wake }

    private let state = Mutex(State())
    private let signal = Signal()
    private let pool: any DatabaseWriter
    private let limits: Limits
    private let pending: PendingCounts
    /// nil where nobody moves them.
    private let files: OpenFiles?
    private let finished = Signal()

    init(
        pool: any DatabaseWriter, pending: PendingCounts = PendingCounts(), files: OpenFiles? = nil,
        limits: Limits = Limits()
    ) {
        self.pool = pool
        self.pending = pending
        self.files = files
        self.limits = limits
    }

    /// Starts the writer's thread; it ends after `close()`.
    ///
    /// - Throws: when there is no thread for it; nothing can be written then.
    func start() throws(BlockingThread.Failure) {
        try BlockingThread.start("store-writer") { [self] in
            while let batch = nextBatch() {
                commit(batch)
                tell(batch)
            }
            finished.raise()
        }
        state.withLock { $0.isRunning = true }
    }

    /// Performs `work` in a shared transaction; on return its effects are durable.
    ///
    /// - Throws: what `work` throws; `StoreError.closed` after `close()`; `StoreError` when the commit fails;
    ///   `StoreError.displaced` when it would be lost; `StoreError.overloaded` as `submit` says.
    package func perform<Result: Sendable>(
        isBounded: Bool = false, _ work: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            submit(linger: false, isBounded: isBounded, work) { continuation.resume(with: $0) }
        }
    }

    /// The same with a callback, which must be short.
    ///
    /// - Parameters:
    ///   - isBounded: whether it may be turned away with `StoreError.overloaded`; what the process itself has to write may
    ///     not.
    ///   - executor: calls `completion` after the commit; nil: the writer's thread. What is turned away hears of it before
    ///     the return.
    package func submit<Result: Sendable>(
        linger: Bool, isBounded: Bool = false, on executor: CommitExecutor? = nil,
        _ work: @escaping @Sendable (Transaction) throws -> Result,
        completion: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void
    ) {
        submit(CommitWork(work, on: executor, completion: completion), linger: linger, isBounded: isBounded)
    }

    /// The same with a job of any kind.
    func submit(_ job: CommitJob, linger: Bool, isBounded: Bool = false) {
        let admission: Admission = state.withLock { state in
            guard state.isRunning else { return .refused(.closed) }
            if isBounded && state.urgent.count >= limits.backlog { return .refused(.overloaded) }
            if linger {
                if state.lingering.isEmpty { state.lingeringSince = .now }
                state.lingering.append(job)
                let isFirst = state.lingering.count == 1
                let wakes = state.urgent.isEmpty && (isFirst || state.lingering.count == limits.batch)
                return wakes ? .wake : .quiet
            }
            state.urgent.append(job)
            return state.urgent.count == 1 ? .wake : .quiet
        }
        switch admission {
        case .refused(let error):
            job.fail(error)
            job.tell()
        case .quiet: break
        case .wake: signal.raise()
        }
    }

    package var statistics: Statistics { state.withLock(\.statistics) }

    /// Pieces of work that the writer has not taken yet.
    package var waiting: Int { state.withLock { $0.urgent.count + $0.lingering.count } }

    /// Makes sure that what is written now would be found by the next process.
    ///
    /// - Throws: `StoreError.displaced`.
    package func requireInPlace() throws { try files?.requireInPlace() }

    /// Refuses further work, finishes what waits, and returns when the thread has ended.
    func close() {
        let wasRunning = state.withLock { state in
            defer { (state.isRunning, state.isClosed) = (false, true) }
            return state.isRunning
        }
        guard wasRunning else { return }
        signal.raise()
        finished.wait()
    }

    /// What is to be committed next; waits while there is nothing; nil when closed and empty.
    private func nextBatch() -> [CommitJob]? {
        enum Step { case batch([CommitJob]), wait(until: ContinuousClock.Instant?), stop }
        while true {
            let step: Step = state.withLock { state in
                let due = state.lingeringSince.map { $0.advanced(by: limits.linger) }
                let isRipe =
                    state.isClosed || state.lingering.count >= limits.batch || due.map { $0 <= .now } ?? false
                let batch = takeBatch(from: &state, lingering: isRipe)
                guard batch.isEmpty else { return .batch(batch) }
                return state.isClosed ? .stop : .wait(until: due)
            }
            switch step {
            case .batch(let batch): return batch
            case .wait(let deadline): signal.wait(until: deadline)
            case .stop: return nil
            }
        }
    }

    private func takeBatch(from state: inout State, lingering: Bool) -> [CommitJob] {
        var batch = Array(state.urgent.prefix(limits.batch))
        state.urgent.removeFirst(batch.count)
        guard lingering else { return batch }
        let ripe = state.lingering.prefix(limits.batch)
        batch += ripe
        state.lingering.removeFirst(ripe.count)
        if state.lingering.isEmpty { state.lingeringSince = nil }
        return batch
    }

    /// Commits a batch; each of its jobs knows then what it came to.
    private func commit(_ batch: [CommitJob]) {
        do {
            try transaction(batch)
        } catch {
            guard batch.count > 1 else { return batch[0].fail(error) }
            for job in batch {
                do { try transaction([job]) } catch { job.fail(error) }
            }
        }
    }

    private func tell(_ batch: [CommitJob]) {
        var groups: [(executor: CommitExecutor, jobs: [CommitJob])] = []
        for job in batch {
            guard let executor = job.executor else {
                job.tell()
                continue
            }
            if let index = groups.firstIndex(where: { $0.executor.identity == executor.identity }) {
                groups[index].jobs.append(job)
            } else {
                groups.append((executor, [job]))
            }
        }
        for (executor, jobs) in groups {
            executor.execute { for job in jobs { job.tell() } }
        }
    }

    private func transaction(_ batch: [CommitJob]) throws {
        try requireInPlace()
        do {
            let started = ContinuousClock.now
            let changes = try pool.writeWithoutTransaction { database in
                let transaction = Transaction(database: database)
                try database.inTransaction(.immediate) {
                    for job in batch { try job.perform(transaction) }
                    return .commit
                }
                return transaction.pending
            }
            pending.apply(changes)
            let time = started.duration(to: .now)
            state.withLock { state in
                state.statistics.commits += 1
                state.statistics.writes += batch.count
                state.statistics.time += time
            }
        } catch {
            throw StoreError.wrapping(error, path: pool.path)
        }
    }
}
