import CSQLiteLog
import CSQLiteSettings
import GRDBSQLite

extension Store {
    /// Set before the first connection; SQLite refuses it later, which costs nothing but speed.
    static let engineIsSet: Bool = {
        // In this order: the second starts the library.
        let results = [sqlite_settings_without_statistics(), sqlite_log_register()]
        return results.allSatisfy { $0 == SQLITE_OK }
    }()

    /// The version of the SQLite library.
    package static var engineVersion: String { String(cString: sqlite3_libversion()) }
}
