import CSQLiteSettings
import GRDBSQLite

extension Store {
    /// Set before the first connection; SQLite refuses it later, which costs nothing but speed.
    static let engineIsSet: Bool = sqlite_settings_without_statistics() == SQLITE_OK

    /// The version of the SQLite library.
    package static var engineVersion: String { String(cString: sqlite3_libversion()) }
}
