import GRDBSQLite

extension Store {
    /// The version of the SQLite library.
    package static var engineVersion: String { String(cString: sqlite3_libversion()) }
}
