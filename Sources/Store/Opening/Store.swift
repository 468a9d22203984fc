import GRDB
import Synchronization

/// The live state of zentra-sync in one SQLite file.
///
/// The only place that knows SQL. Each function is one intent and at most one transaction; what it wrote is durable
/// when it returns (`synchronous=FULL`). Safe to use from any task.
package final class Store: Sendable {
    package enum Mode: Sendable {
        /// Creates and migrates the state; for `run` and `apply`.
        case write
        /// Neither creates nor migrates it; for commands beside a running process.
        case read
    }

    package let path: StatePath
    /// Hot-path writes that share commits.
    package let commits: CommitQueue
    /// Of the process that runs the state.
    package let pending: PendingCounts
    let pool: DatabasePool
    private let ulids: Mutex<(generator: ULIDGenerator, random: BufferedRandom)>
    /// False once the state is being closed. SQLite does not survive a checkpoint on a closed connection.
    let isOpen = Atomic(true)

    init(
        path: StatePath, pool: DatabasePool, commits: CommitQueue, pending: PendingCounts, lastULID: ULID?
    ) {
        self.path = path
        self.pool = pool
        self.commits = commits
        self.pending = pending
        ulids = Mutex((ULIDGenerator(floor: lastULID), BufferedRandom()))
    }

    /// The next identifier; greater than every one before it, also than those of deliveries of earlier processes.
    ///
    /// - Parameter prefix: what its text begins with.
    package func nextULID(at now: UnixTime, after prefix: StaticString = "") -> String {
        ulids.withLock { $0.generator.next(at: now, using: &$0.random) }.text(after: prefix)
    }

    /// Returns when the executor has been told of everything that was to be written before the call.
    package func settled(on executor: CommitExecutor) async {
        await withCheckedContinuation { continuation in
            // Behind what lingers; whether the disk has room is of no interest here.
            commits.submit(linger: true, on: executor, { _ in }, completion: { _ in continuation.resume() })
        }
    }

    /// Finishes the writes that wait, brings the file up to date and closes it.
    ///
    /// SQLite does the second by itself only when a writing connection is the last one to close, which GRDB does not
    /// promise. Whoever copies the file of a process that has ended expects everything in it.
    ///
    /// Closing again does nothing.
    package func close() throws {
        let wasOpen = isOpen.exchange(false, ordering: .acquiringAndReleasing)
        guard wasOpen else { return }
        commits.close()
        let checkpoint = Result { if !pool.configuration.readonly { try moveLogIntoFile() } }
        try pool.close()
        do {
            try checkpoint.get()
        } catch {
            throw StoreError.wrapping(error, path: path.file)
        }
    }

    /// As much as readers allow, without waiting for them; what stays in the log is as durable.
    private func moveLogIntoFile() throws {
        do {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.passive) }
        } catch DatabaseError.SQLITE_BUSY {
            // Another process is at it.
        } catch DatabaseError.SQLITE_FULL {
            // The disk has no room for a longer file.
        }
    }

    /// Reads from a snapshot, off the caller's thread.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError.wrapping(error, path: path.file)
        }
    }

    /// Writes in a transaction of its own, durable on return. A cancelled task's write is performed all the same:
    /// the last write of a piece of work must not be lost to a shutdown.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value
    {
        try await commits.perform { try body($0.database) }
    }
}
