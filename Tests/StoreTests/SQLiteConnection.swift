import GRDBSQLite

/// A connection of SQLite's C interface.
final class SQLiteConnection {
    struct Failure: Error {
        let message: String
    }

    private let handle: OpaquePointer

    /// - Parameter layer: the name of the layer below SQLite; nil: the one of the process.
    init(_ path: String, layer: String? = nil) throws {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        guard sqlite3_open_v2(path, &handle, flags, layer) == SQLITE_OK, let handle else {
            throw Failure(message: "\(path) cannot be opened")
        }
        self.handle = handle
    }

    func run(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
    }

    /// The columns of each row.
    func texts(_ sql: String) throws -> [[String]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw failure }
        defer { sqlite3_finalize(statement) }
        var rows: [[String]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                rows.append(
                    (0..<sqlite3_column_count(statement)).map {
                        sqlite3_column_text(statement, $0).map { String(cString: $0) } ?? ""
                    })
            case SQLITE_DONE: return rows
            default: throw failure
            }
        }
    }

    private var failure: Failure { Failure(message: String(cString: sqlite3_errmsg(handle))) }

    deinit { sqlite3_close(handle) }
}
