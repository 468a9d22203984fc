import GRDB
import GRDBSQLite

/// The database during one shared commit. Only valid inside the closure that it is passed to.
package final class Transaction {
    let database: Database
    /// Counted once the commit is durable.
    var pending = PendingChanges()
    private var cachedSerial: Int64?
    private var statements: [RowStatement?] = Array(repeating: nil, count: HotStatement.allCases.count)
    /// Runs of workflows that have something to do because of what was written.
    var woken: [CommitSequence] = []
    /// Digests of revisions of workflows that are surely there.
    var revisions: Set<String> = []
    var cachedCancellations: [String: (upTo: Int64, at: Int64)]?

    init(database: Database) { self.database = database }

    /// The serial of the live configuration as this transaction sees it, read once a commit.
    func serial() throws -> Int64 {
        if let cachedSerial { return cachedSerial }
        var serial: Int64 = 0
        try RowStatement(database, "SELECT serial FROM state WHERE id = 1").forEach { _ in
        } _: { row in
            serial = row.integer(0)
            return false
        }
        cachedSerial = serial
        return serial
    }

    /// A statement that runs for many rows of a commit, looked up by its text once.
    func statement(_ hot: HotStatement) throws -> RowStatement {
        if let known = statements[hot.rawValue] { return known }
        let statement = try RowStatement(database, hot.sql)
        statements[hot.rawValue] = statement
        return statement
    }

    /// The row that was inserted last.
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(database.sqliteConnection) }

    /// Has to follow every change of the serial: work that shares the commit is checked against the new one.
    func serialDidChange(to serial: Int64) { cachedSerial = serial }

    /// Has to follow every change of the table `cancellation`.
    func cancellationsDidChange() { cachedCancellations = nil }
}
