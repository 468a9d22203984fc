import GRDB
package import JSON

extension Contribution {
    /// A new record, the first entry of its history, and the number that its key was made with.
    ///
    /// - Parameters:
    ///   - number: the next one of the prefix, or the fact is obstructed: so keys have no gaps and follow the order of
    ///     commits.
    ///   - isFirst: false for a number that follows another one of the same fact.
    package static func create(
        _ record: RecordRow, prefix: String, number: Int64, isFirst: Bool = true, change: RecordChange
    ) -> Contribution {
        Contribution(
            unless: { transaction in
                guard isFirst else { return nil }
                let last = try lastNumber(prefix, transaction.database)
                return number == last + 1 ? nil : .key(prefix: prefix, next: last + 1)
            },
            write: { transaction, _ in
                let database = transaction.database
                try database.cachedStatement(
                    sql: """
                        INSERT INTO record_key (prefix, last) VALUES (?, ?)
                        ON CONFLICT (prefix) DO UPDATE SET last = excluded.last
                        """
                ).execute(arguments: [prefix, number])
                try insertRow(record, database)
                try insertChange(change, record: database.lastInsertedRowID, database)
            })
    }

    /// Another version of a record and its entry in the history; obstructed unless the stored version is the one before.
    ///
    /// - Parameter isFirst: false when the version before is one of the same fact.
    package static func update(
        _ record: RecordRow, change: RecordChange, isFirst: Bool = true
    ) -> Contribution {
        Contribution(
            unless: { transaction in
                guard isFirst else { return nil }
                return try storedVersion(of: record.id, transaction.database) == record.version - 1
                    ? nil : .version
            },
            write: { transaction, _ in
                let database = transaction.database
                try updateRow(record, database)
                let sequence = try Int64.fetchOne(
                    database.cachedStatement(sql: "SELECT seq FROM record WHERE id = ?"),
                    arguments: [record.id])
                guard let sequence else { throw StoreError.database("the record `\(record.id)` vanished") }
                try insertChange(change, record: sequence, database)
            })
    }

    /// Writes nothing; obstructed when a record has these values.
    package static func absent(type: String, matching fields: JSONObject) -> Contribution {
        Contribution(
            unless: { transaction in
                try recordRows(type: type, matching: fields, limit: 1, transaction.database).isEmpty
                    ? nil : .version
            },
            write: { _, _ in })
    }

    /// Marks a ticket as breached; obstructed when it changed since it was read.
    package static func breach(_ record: RecordRow, at now: UnixTime) -> Contribution {
        Contribution(
            unless: { transaction in
                let isUnchanged = try Bool.fetchOne(
                    transaction.database,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM record
                            WHERE id = ? AND version = ? AND sla_breached_ms IS NULL AND is_open = 1)
                        """, arguments: [record.id, record.version])
                return isUnchanged == true ? nil : .version
            },
            write: { transaction, _ in
                try transaction.database.execute(
                    sql: "UPDATE record SET sla_breached_ms = ? WHERE id = ?",
                    arguments: [now.milliseconds, record.id])
            })
    }

    /// A comment on a record that is known by its id; the record may be made by the same fact.
    package static func comment(_ comment: Comment, on recordID: String) -> Contribution {
        Contribution(write: { transaction, _ in
            try transaction.database.execute(
                sql: """
                    INSERT INTO comment (id, record_seq, author, body, source, created_ms)
                    VALUES (?, (SELECT seq FROM record WHERE id = ?), ?, ?, ?, ?)
                    """,
                arguments: [
                    comment.id, recordID, comment.author, comment.body, comment.source,
                    comment.createdAt.milliseconds,
                ])
        })
    }

    /// Files that belong to a record; their contents are durable already.
    package static func attachments(_ attachments: [Attachment], to recordID: String) -> Contribution {
        Contribution(write: { transaction, _ in
            for attachment in attachments {
                try transaction.database.execute(
                    sql: """
                        INSERT INTO attachment (id, record_seq, comment_id, file_name, content_type, size, sha256,
                            created_ms)
                        VALUES (?, (SELECT seq FROM record WHERE id = ?), ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        attachment.id, recordID, attachment.commentID, attachment.fileName,
                        attachment.contentType, attachment.size, attachment.sha256,
                        attachment.createdAt.milliseconds,
                    ])
            }
        })
    }

    /// Remembers that e-mails belong to a record, so that answers to them are found.
    package static func thread(_ messageIDs: [String], of recordID: String) -> Contribution {
        Contribution(write: { transaction, _ in
            for messageID in messageIDs {
                // A message id that is known keeps its first ticket.
                try transaction.database.execute(
                    sql: """
                        INSERT INTO mail_thread (message_id, record_seq)
                        VALUES (?, (SELECT seq FROM record WHERE id = ?)) ON CONFLICT (message_id) DO NOTHING
                        """, arguments: [messageID, recordID])
            }
        })
    }
}

private func lastNumber(_ prefix: String, _ database: Database) throws -> Int64 {
    try Int64.fetchOne(
        database.cachedStatement(sql: "SELECT last FROM record_key WHERE prefix = ?"), arguments: [prefix])
        ?? 0
}

private func storedVersion(of id: String, _ database: Database) throws -> Int? {
    try Int.fetchOne(
        database.cachedStatement(sql: "SELECT version FROM record WHERE id = ?"), arguments: [id])
}

private func insertRow(_ record: RecordRow, _ database: Database) throws {
    let columns = record.columns
    try database.cachedStatement(
        sql: """
            INSERT INTO record (type, id, key, version, data, status, is_open, priority, assignee, team_id,
                requester_email, external_key, sla_due_ms, created_ms, updated_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
    ).execute(arguments: [
        record.type, record.id, record.key, record.version, record.data, columns.status, columns.isOpen,
        columns.priority, columns.assignee, columns.teamID, columns.requesterEmail, columns.externalKey,
        columns.dueAt?.milliseconds, record.createdAt.milliseconds, record.updatedAt.milliseconds,
    ])
}

private func updateRow(_ record: RecordRow, _ database: Database) throws {
    let columns = record.columns
    try database.cachedStatement(
        sql: """
            UPDATE record SET version = ?, data = ?, status = ?, is_open = ?, priority = ?, assignee = ?,
                team_id = ?, requester_email = ?, external_key = ?, sla_due_ms = ?, updated_ms = ?
            WHERE id = ?
            """
    ).execute(arguments: [
        record.version, record.data, columns.status, columns.isOpen, columns.priority, columns.assignee,
        columns.teamID, columns.requesterEmail, columns.externalKey, columns.dueAt?.milliseconds,
        record.updatedAt.milliseconds, record.id,
    ])
}

private func insertChange(_ change: RecordChange, record: Int64, _ database: Database) throws {
    try database.cachedStatement(
        sql: """
            INSERT INTO record_change (record_seq, version, actor, changed, previous, at_ms)
            VALUES (?, ?, ?, ?, ?, ?)
            """
    ).execute(arguments: [
        record, change.version, change.actor, change.changed, change.previous, change.at.milliseconds,
    ])
}
