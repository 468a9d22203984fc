import GRDB
import GRDBSQLite

/// A cached statement driven through SQLite's C interface, for the rows of the hot paths.
///
/// GRDB's own binding and row types cost about 4 µs a row operation, this about 2 µs. Use it where a statement runs
/// once per event, delivery or attempt; everywhere else GRDB's functions read better.
struct RowStatement {
    private let statement: OpaquePointer
    private let database: Database
    private let values = BoundValues()

    init(_ database: Database, _ sql: String) throws {
        statement = try database.cachedStatement(sql: sql).sqliteStatement
        self.database = database
    }

    /// Runs a statement that returns no row and reports how many rows it changed.
    @discardableResult
    func run(_ bind: (borrowing Binder) -> Void) throws -> Int {
        bind(Binder(statement: statement, values: values))
        let code = sqlite3_step(statement)
        forgetValues()
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
        }
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    /// Runs a statement and hands on each row that it returns, until `body` says that there are enough.
    ///
    /// - Parameter body: false ends it.
    func forEach(_ bind: (borrowing Binder) -> Void, _ body: (borrowing Columns) throws -> Bool) throws {
        bind(Binder(statement: statement, values: values))
        defer { forgetValues() }
        while true {
            let code = sqlite3_step(statement)
            switch code {
            case SQLITE_ROW:
                guard try body(Columns(statement: statement)) else { return }
            case SQLITE_DONE: return
            default:
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code),
                    message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
            }
        }
    }

    private func forgetValues() {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        values.removeAll()
    }

    /// The values of a row by their position, counted from 0. Only valid while the row is handed on.
    struct Columns: ~Copyable {
        fileprivate let statement: OpaquePointer

        func integer(_ position: Int32) -> Int64 { sqlite3_column_int64(statement, position) }

        func text(_ position: Int32) -> String { String(decoding: bytes(position), as: UTF8.self) }

        /// nil for NULL.
        func optionalText(_ position: Int32) -> String? {
            sqlite3_column_type(statement, position) == SQLITE_NULL ? nil : text(position)
        }

        /// A text as it is stored.
        func utf8(_ position: Int32) -> [UInt8] { Array(bytes(position)) }

        private func bytes(_ position: Int32) -> UnsafeBufferPointer<UInt8> {
            // The count is that of the form that was asked for last.
            let start = sqlite3_column_text(statement, position)
            return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, position)))
        }
    }

    /// Sets parameters by their position, counted from 1. One that is not set is NULL.
    struct Binder {
        fileprivate let statement: OpaquePointer
        fileprivate let values: BoundValues

        func integer(_ position: Int32, _ value: some BinaryInteger) {
            sqlite3_bind_int64(statement, position, Int64(value))
        }

        func integer(_ position: Int32, _ value: Int64?) {
            if let value { sqlite3_bind_int64(statement, position, value) }
        }

        func text(_ position: Int32, _ value: String?) {
            guard var value else { return }
            value.withUTF8 { text(position, utf8: $0) }
        }

        /// - Precondition: the bytes are UTF-8.
        func text(_ position: Int32, utf8 bytes: UnsafeBufferPointer<UInt8>) {
            let kept = values.keep(UnsafeRawBufferPointer(bytes))
            kept.withMemoryRebound(to: CChar.self) {
                _ = sqlite3_bind_text(statement, position, $0.baseAddress, Int32($0.count), nil)
            }
        }

        func blob(_ position: Int32, _ bytes: [UInt8]?) {
            guard let bytes else { return }
            let kept = bytes.withUnsafeBytes(values.keep)
            sqlite3_bind_blob(statement, position, kept.baseAddress, Int32(kept.count), nil)
        }
    }
}

/// The bytes of bound values while their statement runs. SQLite would copy each of them to an allocation of its own.
private final class BoundValues {
    /// Allocations beyond about a thousand bytes cost several times as much.
    private static let blockSize = 1000

    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 1)
    private var used = 0
    /// Values that the block has no room for.
    private var large: [UnsafeMutableRawBufferPointer] = []

    deinit {
        removeAll()
        block.deallocate()
    }

    /// A copy that stays where it is until `removeAll`; its address is never nil, which would mean NULL.
    func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let place: UnsafeMutableRawBufferPointer
        if bytes.count <= Self.blockSize - used {
            place = UnsafeMutableRawBufferPointer(rebasing: block[used..<used + bytes.count])
            used += bytes.count
        } else {
            place = .allocate(byteCount: bytes.count, alignment: 1)
            large.append(place)
        }
        place.copyMemory(from: bytes)
        return UnsafeRawBufferPointer(place)
    }

    func removeAll() {
        used = 0
        for place in large { place.deallocate() }
        large.removeAll()
    }
}
