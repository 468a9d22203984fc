import Glibc
import TestSupport
import Testing

@testable import Store

/// The layer that writes a commit to the log at once.
struct WholeCommitsTests {
    private static let table = "CREATE TABLE row (key INTEGER PRIMARY KEY, bytes BLOB)"

    /// Two connections write in turn, with too little memory for what they change; a third has SQLite's own layer.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `others see what was committed, and nothing else`(seed: UInt64) throws {
        let state = try TemporaryState()
        #expect(Store.engineIsSet)
        var random = SeededRandom(seed: seed)
        let plain = try SQLiteConnection(state.path.file, layer: "unix")
        try plain.run("PRAGMA journal_mode = WAL; \(Self.table)")
        var writers = [try SQLiteConnection(state.path.file), try SQLiteConnection(state.path.file)]
        // Key and size of each row.
        var committed: [Int: Int] = [:]
        for _ in 0..<100 {
            let writer = writers[.random(in: 0...1, using: &random)]
            let mode = Int.random(in: 0...2, using: &random)
            try writer.run("PRAGMA cache_size = 10; PRAGMA synchronous = \(mode); BEGIN IMMEDIATE")
            var rows = committed
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                try change(&rows, writer, &random)
            }
            #expect(try self.rows(writer) == rows)
            #expect(try self.rows(plain) == committed)
            if Bool.random(using: &random) {
                try writer.run("COMMIT")
                committed = rows
            } else {
                try writer.run("ROLLBACK")
            }
            #expect(try self.rows(plain) == committed)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try writer.run("PRAGMA wal_checkpoint(TRUNCATE)")
            case 1: try plain.run("PRAGMA wal_checkpoint(RESTART)")
            case 2: writers[0] = try SQLiteConnection(state.path.file)
            default: break
            }
        }
        #expect(try plain.texts("PRAGMA integrity_check") == [["ok"]])
    }

    /// Writes or deletes a row, and takes that back now and then.
    private func change(
        _ rows: inout [Int: Int], _ writer: SQLiteConnection, _ random: inout SeededRandom
    ) throws {
        let key = Int.random(in: 0..<60, using: &random)
        let size = Bool.random(using: &random) ? Int.random(in: 0...20_000, using: &random) : nil
        try writer.run("SAVEPOINT change")
        if let size {
            try writer.run("INSERT OR REPLACE INTO row VALUES (\(key), randomblob(\(size)))")
        } else {
            try writer.run("DELETE FROM row WHERE key = \(key)")
        }
        if Int.random(in: 0...3, using: &random) == 0 {
            try writer.run("ROLLBACK TO change")
        } else {
            rows[key] = size
        }
        try writer.run("RELEASE change")
    }

    private func rows(_ connection: SQLiteConnection) throws -> [Int: Int] {
        let rows = try connection.texts("SELECT key, length(bytes) FROM row")
        return Dictionary(uniqueKeysWithValues: rows.map { (Int($0[0]) ?? -1, Int($0[1]) ?? -1) })
    }

    @Test func `a commit of many pages is a few writes`() throws {
        let state = try TemporaryState()
        #expect(Store.engineIsSet)
        let plain = try SQLiteConnection(state.path.file, layer: "unix")
        try plain.run("PRAGMA journal_mode = WAL; \(Self.table)")
        let layered = try SQLiteConnection(state.path.file)
        let insert = """
            WITH RECURSIVE number (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM number LIMIT 100)
            INSERT INTO row (bytes) SELECT zeroblob(4000) FROM number
            """
        // A page and its header are two writes.
        #expect(try writes { try plain.run(insert) } > 200)
        #expect(try writes { try layered.run(insert) } < 10)
        #expect(try rows(plain).count == 200)
    }

    /// Calls of this thread that wrote something, see proc_pid_io(5).
    private func writes(during body: () throws -> Void) throws -> Int {
        let before = try calls()
        try body()
        return try calls() - before
    }

    private func calls() throws -> Int {
        let file = try #require(fopen("/proc/thread-self/io", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split { " \n".contains($0) }
            if words[0] == "syscw:" { return try #require(Int(words[1])) }
        }
        throw SQLiteConnection.Failure(message: "/proc/thread-self/io does not count writes")
    }
}
