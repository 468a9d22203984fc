import GRDB
import Glibc

extension Store {
    /// Opens the state at `path`.
    ///
    /// In `write` mode a missing state is created and an older one is migrated after a backup copy
    /// (`<state>.v<N>`). In `read` mode both are errors.
    ///
    /// - Throws: `StoreError`.
    package static func open(_ path: StatePath, mode: Mode, now: UnixTime) throws -> Store {
        let exists = access(path.file, F_OK) == 0
        if mode == .read && !exists { throw StoreError.missing(path: path.file) }
        do {
            if exists {
                try check(path, mode: mode)
            } else if access(folder(of: path.file), W_OK) != 0 {
                let reason =
                    "the folder \(folder(of: path.file)) "
                    + (errno == ENOENT ? "does not exist" : "is not writable")
                throw StoreError.inaccessible(path: path.file, reason: reason)
            }
            let pool = try DatabasePool(path: path.file, configuration: configuration(mode))
            if mode == .write {
                chmod(path.file, 0o600)
                try prepare(pool, now: now)
            }
            let commits = CommitQueue(pool: pool)
            if mode == .write { commits.start() }
            return Store(path: path, pool: pool, commits: commits, lastULID: try lastULID(pool))
        } catch {
            throw StoreError.wrapping(error, path: path.file)
        }
    }

    private static func configuration(_ mode: Mode) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = mode == .read
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(10)
        configuration.label = "zentra-state"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA cache_size = -8192")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            if mode == .write {
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
                try database.execute(sql: "PRAGMA journal_size_limit = \(64 << 20)")
            }
        }
        return configuration
    }

    /// Looks at an existing file before it is opened for writing: a foreign or newer one must not be touched.
    private static func check(_ path: StatePath, mode: Mode) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path.file, configuration: configuration)
        let found = try queue.read { try SchemaVersion($0) }
        guard !found.isEmpty else {
            if mode == .read { throw StoreError.missing(path: path.file) }
            return
        }
        guard found.applicationID == Migration.applicationID else {
            throw StoreError.foreign(path: path.file)
        }
        if found.version > Migration.current { throw StoreError.newer(path: path.file) }
        guard found.version < Migration.current else { return }
        if mode == .read { throw StoreError.older(path: path.file) }
        let copy = try DatabaseQueue(path: path.backup(version: found.version))
        try queue.backup(to: copy)
        try copy.close()
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

    /// The greatest ULID in use: the newest rows have it.
    private static func lastULID(_ pool: DatabasePool) throws -> ULID? {
        try pool.read { database in
            let delivery = try String.fetchOne(
                database, sql: "SELECT id FROM delivery ORDER BY seq DESC LIMIT 1")
            let event = try String.fetchOne(
                database,
                sql: "SELECT id FROM event WHERE id LIKE 'evt\\_%' ESCAPE '\\' ORDER BY seq DESC LIMIT 1")
            return [delivery.flatMap { ULID($0) }, event.flatMap { ULID($0.dropFirst(4)) }].compactMap(\.self)
                .max()
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
