import GRDB
import Synchronization
import Testing
import Threads

@testable import Store

@Suite(.timeLimit(.minutes(5))) struct CommitQueueTests {
    @Test func `work that waits together shares a commit`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            let commits = CommitCounter()
            try await store.commits.perform {
                $0.database.add(transactionObserver: commits, extent: .databaseLifetime)
            }
            let before = commits.count
            let gate = Gate()
            let done = Countdown(20)
            gate.hold(store.commits)
            for index in 0..<20 {
                store.commits.submit(linger: false, insertSecret("s\(index)")) { done.down($0) }
            }
            gate.open()
            try await done.wait()
            #expect(try await store.secretStatuses().count == 20)
            // The gate's own, which changed nothing, and one for all that waited behind it.
            #expect(commits.count - before <= 2)
        }
    }

    @Test func `a failing piece of work fails alone`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            let gate = Gate()
            let good = Countdown(2)
            let bad = Countdown(1)
            gate.hold(store.commits)
            store.commits.submit(linger: false, insertSecret("a")) { good.down($0) }
            store.commits.submit(
                linger: false,
                {
                    try insertSecret("b")($0)
                    try insertSecret("a")($0)
                }
            ) { bad.down($0) }
            store.commits.submit(linger: true, insertSecret("c")) { good.down($0) }
            gate.open()
            try await good.wait()
            await #expect { try await bad.wait() } throws: { error in
                guard case .database(let reason)? = error as? StoreError else { return false }
                return reason.contains("UNIQUE")
            }
            #expect(try await store.secretStatuses().map(\.name) == ["a", "c"])
        }
    }

    @Test func `an executor hears of a commit once, in the order of the calls, and of failures as well`()
        async throws
    {
        let state = try TemporaryState()
        try await state.open { store in
            let owner = CommitCounter()
            let calls = Mutex<[@Sendable () -> Void]>([])
            let handedOver = Countdown(1)
            let executor = {
                CommitExecutor(owner: owner) { call in
                    calls.withLock { $0.append(call) }
                    handedOver.down(.success(()))
                }
            }
            let told = Mutex<[String]>([])
            let gate = Gate()
            gate.hold(store.commits)
            for name in ["a", "b", "a"] {
                store.commits.submit(linger: false, on: executor(), insertSecret(name)) { result in
                    told.withLock { $0.append((try? result.get()) == nil ? "no \(name)" : name) }
                }
            }
            gate.open()
            try await handedOver.wait()
            // The writer is through with the others when it tells of this one.
            try await store.commits.perform { _ in }
            #expect(told.withLock(\.self) == [])
            let handed = calls.withLock(\.self)
            #expect(handed.count == 1)
            for call in handed { call() }
            #expect(told.withLock(\.self) == ["a", "b", "no a"])
        }
    }

    @Test func `closing finishes what waits, and later work is refused`() async throws {
        let state = try TemporaryState()
        let store = try Store.open(state.path, mode: .write, now: .t0)
        let gate = Gate()
        let done = Countdown(600)
        gate.hold(store.commits)
        for index in 0..<600 {
            store.commits.submit(linger: index.isMultiple(of: 2), insertSecret("s\(index)")) { done.down($0) }
        }
        gate.open()
        try store.close()
        try await done.wait()
        await #expect(throws: StoreError.closed) { try await store.commits.perform { _ in } }
        try store.close()
        let reader = try Store.open(state.path, mode: .read, now: .t0)
        #expect(try await reader.secretStatuses().count == 600)
        try reader.close()
    }

    @Test func `callers are turned away when too much waits, the process's own writes are not`() async throws
    {
        let state = try TemporaryState()
        try await state.open { store in
            let gate = Gate()
            let accepted = Countdown(CommitQueue.Limits().backlog + 1)
            let refused = Countdown(1)
            gate.hold(store.commits)
            while store.commits.waiting > 0 { await Task.yield() }
            for _ in 0..<CommitQueue.Limits().backlog {
                store.commits.submit(linger: false, isBounded: true, { _ in }) { accepted.down($0) }
            }
            store.commits.submit(linger: false, isBounded: true, { _ in }) { refused.down($0) }
            store.commits.submit(linger: false, { _ in }) { accepted.down($0) }
            gate.open()
            await #expect(throws: StoreError.overloaded) { try await refused.wait() }
            try await accepted.wait()
        }
    }

    @Test func `lingering work is committed without company`() async throws {
        let state = try TemporaryState()
        try await state.open { store in
            let done = Countdown(1)
            store.commits.submit(linger: true, insertSecret("a")) { done.down($0) }
            try await done.wait()
            #expect(try await store.secretStatuses().count == 1)
        }
    }

    @Test func `lingering work waits for its time, also while others commit, or for the end`() async throws {
        try await withQueue { limits in
            limits.linger = .seconds(1_000_000)
        } _: { queue, names in
            let done = Countdown(1)
            queue.submit(linger: true, insertName("a")) { done.down($0) }
            try await queue.perform(insertName("b"))
            #expect(try await names() == ["b"])
            queue.close()
            try await done.wait()
            #expect(try await names() == ["a", "b"])
        }
    }

    @Test func `a batch of lingering work waits no longer`() async throws {
        try await withQueue { limits in
            limits.linger = .seconds(1_000_000)
            limits.batch = 3
        } _: { queue, names in
            let done = Countdown(3)
            for name in ["a", "b", "c"] { queue.submit(linger: true, insertName(name)) { done.down($0) } }
            try await done.wait()
            #expect(try await names() == ["a", "b", "c"])
        }
    }

    @Test func `lingering work whose time has come shares the commit of what is urgent`() async throws {
        try await withQueue { limits in
            limits.linger = .zero
        } _: { queue, names in
            let gate = Gate()
            let commits = CommitCounter()
            try await queue.perform {
                $0.database.add(transactionObserver: commits, extent: .databaseLifetime)
            }
            let before = commits.count
            let done = Countdown(2)
            gate.hold(queue)
            queue.submit(linger: true, insertName("a")) { done.down($0) }
            queue.submit(linger: false, insertName("b")) { done.down($0) }
            gate.open()
            try await done.wait()
            #expect(try await names() == ["a", "b"])
            // The gate's own, and theirs.
            #expect(commits.count - before <= 2)
        }
    }

    /// Lends a queue on a table of names, and what is in that.
    private func withQueue(
        _ change: (inout CommitQueue.Limits) -> Void,
        _ body: (CommitQueue, () async throws -> [String]) async throws -> Void
    ) async throws {
        let state = try TemporaryState()
        let pool = try DatabasePool(path: state.path.file)
        try await pool.write { try $0.execute(sql: "CREATE TABLE names (name TEXT PRIMARY KEY)") }
        var limits = CommitQueue.Limits()
        change(&limits)
        let queue = CommitQueue(pool: pool, limits: limits)
        try queue.start()
        try await body(queue) {
            try await pool.read { try String.fetchAll($0, sql: "SELECT name FROM names ORDER BY name") }
        }
        queue.close()
        try pool.close()
    }

    @Test func `a reading store refuses to write`() async throws {
        let state = try TemporaryState()
        try await state.open { _ in }
        let reader = try Store.open(state.path, mode: .read, now: .t0)
        await #expect(throws: StoreError.closed) { try await reader.replaceSecretStatuses([]) }
        try reader.close()
    }
}

private func insertSecret(_ name: String) -> @Sendable (Transaction) throws -> Void {
    {
        try $0.database.execute(
            sql: "INSERT INTO secret_status (name, problem, changed_ms) VALUES (?, '', 0)", arguments: [name])
    }
}

private func insertName(_ name: String) -> @Sendable (Transaction) throws -> Void {
    { try $0.database.execute(sql: "INSERT INTO names VALUES (?)", arguments: [name]) }
}

private final class CommitCounter: TransactionObserver, Sendable {
    private let commits = Mutex(0)

    var count: Int { commits.withLock { $0 } }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.withLock { $0 += 1 } }
    func databaseDidRollback(_ db: Database) {}
}

/// Keeps the writer busy, so that work gathers behind it.
final class Gate: Sendable {
    private let released = Signal()

    func hold(_ queue: CommitQueue) {
        let began = Signal()
        let released = released
        queue.submit(
            linger: false,
            { _ in
                began.raise()
                released.wait()
            }, completion: { _ in })
        began.wait()
    }

    func open() { released.raise() }
}

/// Waits for a number of completions; the first failure is thrown.
final class Countdown: Sendable {
    private let stream: AsyncStream<Result<Void, any Error>>
    private let input: AsyncStream<Result<Void, any Error>>.Continuation
    private let count: Int

    init(_ count: Int) {
        self.count = count
        (stream, input) = AsyncStream.makeStream()
    }

    func down<Value>(_ result: Result<Value, any Error>) { input.yield(result.map { _ in }) }

    func wait() async throws {
        var left = count
        for await result in stream {
            try result.get()
            left -= 1
            if left == 0 { return }
        }
    }
}

extension CommitQueue {
    /// Returns once so many pieces of work wait.
    func hasWaiting(_ count: Int) async throws {
        while waiting < count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
