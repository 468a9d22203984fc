import GRDB
import Glibc
import Threads

extension Store {
    /// Opens the state at `path`.
    ///
    /// In `write` mode a missing state is created and an older one is migrated after a backup copy
    /// (`<state>.v<N>`). In `read` mode both are errors.
    ///
    /// - Throws: `StoreError`.
    package static func open(_ path: StatePath, mode: Mode, now: UnixTime) throws -> Store {
        _ = engineIsSet
        let exists = try StateAccess.exists(path)
        if mode == .read && !exists { throw StoreError.missing(path: path.file) }
        do {
            if exists {
                try check(path, mode: mode)
            } else {
                try createPrivately(path.file, state: path)
            }
            let pool = try DatabasePool(path: path.file, configuration: configuration(mode))
            if mode == .write {
                try syncEveryCommit(pool)
                try prepare(pool, now: now)
            }
            let pending = PendingCounts()
            let commits = CommitQueue(
                pool: pool, pending: pending, files: mode == .write ? OpenFiles(path) : nil)
            if mode == .write {
                do { try commits.start() } catch {
                    throw StoreError.threadless(
                        path: path.file, reason: String(cString: strerror(error.code)))
                }
            }
            return Store(
                path: path, pool: pool, commits: commits, pending: pending, lastULID: try lastULID(pool))
        } catch {
            if mode == .read { throw StoreError.wrapping(error, reading: path) }
            throw StoreError.wrapping(error, opening: path)
        }
    }

    /// Refuses a file that `open` would refuse, before anything is made beside it. A missing one is fine.
    ///
    /// - Throws: `StoreError`.
    package static func refuseForeign(_ path: StatePath) throws {
        guard try StateAccess.exists(path) else { return }
        do { _ = try found(path) } catch { throw StoreError.wrapping(error, opening: path) }
    }

    private static func configuration(_ mode: Mode) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = mode == .read
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        configuration.label = "zentra-state"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -8192")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            if mode == .write {
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
                try database.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
            }
        }
        return configuration
    }

    /// Makes a commit durable when it returns. Not part of the configuration: GRDB sets `NORMAL`, which syncs at
    /// checkpoints only, when it enters the mode of the write-ahead log, and that is after the configuration.
    ///
    /// See <https://www.sqlite.org/pragma.html#pragma_synchronous>.
    private static func syncEveryCommit(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    }

    /// Looks at an existing file before it is opened for writing: a foreign or newer one must not be touched.
    private static func check(_ path: StatePath, mode: Mode) throws {
        guard let (queue, version) = try found(path) else {
            if mode == .read { throw StoreError.missing(path: path.file) }
            return
        }
        guard version < Migration.current else { return }
        if mode == .read { throw StoreError.older(path: path.file) }
        try backUp(queue, to: path.backup(version: version), state: path)
    }

    /// A state that this version may open, and its version; nil when nothing is in the file yet.
    private static func found(_ path: StatePath) throws -> (queue: DatabaseQueue, version: Int)? {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let (queue, found): (DatabaseQueue, SchemaVersion)
        do {
            queue = try DatabaseQueue(path: path.file, configuration: configuration)
            found = try queue.read { try SchemaVersion($0) }
        } catch DatabaseError.SQLITE_READONLY_ROLLBACK {
            // A process was killed while it created the state; nothing is in it yet. Who writes rolls that back.
            return nil
        }
        guard !found.isEmpty else { return nil }
        guard found.applicationID == Migration.applicationID else {
            throw StoreError.foreign(path: path.file)
        }
        if found.version > Migration.current { throw StoreError.newer(path: path.file) }
        return (queue, found.version)
    }

    /// Copies a state that is about to be migrated; replaces what an interrupted migration left behind.
    private static func backUp(_ queue: DatabaseQueue, to file: String, state: StatePath) throws {
        try createPrivately(file, state: state)
        let copy = try DatabaseQueue(path: file)
        try queue.backup(to: copy)
        try copy.close()
    }

    /// Creates an empty file that only its owner may read, before SQLite does: its log and its shared memory get
    /// the permissions that the file has when they are made. An existing one keeps its content.
    private static func createPrivately(_ file: String, state: StatePath) throws {
        let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError.uncreatable(file, of: state, code: errno) }
        Glibc.close(descriptor)
    }

    private static func prepare(_ pool: DatabasePool, now: UnixTime) throws {
        try pool.write { database in
            try SchemaVersion.migrate(database)
            var random = SystemRandomNumberGenerator()
            var ulids = ULIDGenerator()
            let stateID = ulids.next(at: now, using: &random).description
            try database.execute(
                sql: """
                    INSERT INTO state (id, state_id, serial, live_digest, created_ms, clock_ms)
                    VALUES (1, ?, 0, '', ?, ?) ON CONFLICT (id) DO NOTHING
                    """, arguments: [stateID, now.milliseconds, now.milliseconds])
            try database.execute(
                sql: """
                    INSERT INTO sync (id, source, applied_commit, applied_subject, applied_ms, noop_key, seen_commit,
                        result, reason, message, attempt_ms, success_ms, failures)
                    VALUES (1, '', '', '', 0, '', '', 'never', '', '', 0, 0, 0) ON CONFLICT (id) DO NOTHING
                    """)
        }
    }

    /// The greatest ULID that a delivery has: the newest one has it, and it is never pruned.
    ///
    /// Ids of events are left out: a producer may choose them, and one from far in the future would move all later
    /// ones there.
    private static func lastULID(_ pool: DatabasePool) throws -> ULID? {
        try pool.read { database in
            try String.fetchOne(database, sql: "SELECT id FROM delivery ORDER BY seq DESC LIMIT 1")
                .flatMap { ULID($0) }
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
