import GRDB

/// One step of the schema. A released step is never edited; a change of the schema is a new file.
struct Migration: Sendable {
    let version: Int
    let sql: String

    /// All steps, in order.
    static let all: [Migration] = [.v1, .v2, .v3, .v4, .v5, .v6, .v7, .v8, .v9, .v10, .v11]

    /// The version that this binary reads and writes.
    static var current: Int { all.count }

    /// Marks a SQLite file as a state of zentra-sync (`PRAGMA application_id`): the letters `zsyn`.
    static let applicationID: Int32 = 0x7A73_796E
}

/// What a SQLite file says about itself.
struct SchemaVersion {
    let applicationID: Int32
    /// Steps that were performed (`PRAGMA user_version`).
    let version: Int
    let isEmpty: Bool

    init(_ database: Database) throws {
        applicationID = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
    }

    /// Performs the steps that are missing, in one transaction.
    static func migrate(_ database: Database) throws {
        let found = try SchemaVersion(database)
        for migration in Migration.all where migration.version > found.version {
            try database.execute(sql: migration.sql)
        }
        try database.execute(sql: "PRAGMA application_id = \(Migration.applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(Migration.current)")
    }
}
