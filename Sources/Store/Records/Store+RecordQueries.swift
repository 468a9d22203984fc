import GRDB

/// What a list of records is narrowed by.
package struct RecordFilter: Sendable {
    package var type: String
    package var status: String?
    package var priority: String?
    package var assignee: String?
    package var teamID: String?
    package var requesterEmail: String?
    package var externalKey: String?
    /// Only records that were made at that time or later.
    package var since: UnixTime?

    package init(type: String) { self.type = type }
}

extension Store {
    /// A new identifier with a prefix such as `tkt_`; greater than every one before it.
    package func newID(_ prefix: String, at now: UnixTime) -> String { prefix + nextULID(at: now) }

    /// Newest first. record_list, record_status, record_external_key or record_requester gives the order.
    package func records(
        _ filter: RecordFilter, before: CommitSequence?, limit: Int
    ) async throws -> Page<RecordRow> {
        try await read { database in
            var conditions = ["type = ?", "seq < ?"]
            var arguments: [any DatabaseValueConvertible] = [filter.type, before?.value ?? .max]
            func add(_ condition: String, _ argument: (any DatabaseValueConvertible)?) {
                guard let argument else { return }
                conditions.append(condition)
                arguments.append(argument)
            }
            add("status = ?", filter.status)
            add("priority = ?", filter.priority)
            add("assignee = ?", filter.assignee)
            add("team_id = ?", filter.teamID)
            add("requester_email = ?", filter.requesterEmail)
            add("external_key = ?", filter.externalKey)
            add("created_ms >= ?", filter.since?.milliseconds)
            let rows = try Row.fetchAll(
                database,
                sql:
                    "SELECT * FROM record WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?",
                arguments: StatementArguments(arguments + [limit + 1]))
            return Page(rows.map(RecordRow.init), limit: limit, sequence: \.sequence)
        }
    }

    /// A record of a type by its id or its key.
    package func record(_ name: String, type: String) async throws -> RecordRow? {
        try await read { database in
            // The unique indexes on id and key.
            try Row.fetchOne(
                database.cachedStatement(
                    sql: "SELECT * FROM record WHERE (id = ?1 OR key = ?1) AND type = ?2"),
                arguments: [name, type]
            ).map(RecordRow.init)
        }
    }

    package func changes(
        of record: CommitSequence, before: CommitSequence?, limit: Int
    ) async throws -> Page<RecordChange> {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM record_change WHERE record_seq = ? AND version < ? ORDER BY version DESC LIMIT ?
                    """, arguments: [record.value, before?.value ?? .max, limit + 1])
            return Page(rows.map(RecordChange.init), limit: limit) { CommitSequence(Int64($0.version)) }
        }
    }

    package func comments(
        of record: CommitSequence, before: CommitSequence?, limit: Int
    ) async throws -> Page<Comment> {
        try await read { database in
            // comment_record
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM comment WHERE record_seq = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
                arguments: [record.value, before?.value ?? .max, limit + 1])
            return Page(rows.map(Comment.init), limit: limit, sequence: \.sequence)
        }
    }

    package func attachments(
        of record: CommitSequence, before: CommitSequence?, limit: Int
    ) async throws -> Page<Attachment> {
        try await read { database in
            // attachment_record
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * FROM attachment WHERE record_seq = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
                arguments: [record.value, before?.value ?? .max, limit + 1])
            return Page(rows.map(Attachment.init), limit: limit, sequence: \.sequence)
        }
    }

    package func attachment(_ id: String, of record: CommitSequence) async throws -> Attachment? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM attachment WHERE id = ? AND record_seq = ?",
                arguments: [id, record.value]
            ).map(Attachment.init)
        }
    }

    /// Which of the contents are referred to by no attachment.
    package func unreferenced(_ digests: [String]) async throws -> [String] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM attachment WHERE sha256 = ?)")
            return try digests.filter { try Bool.fetchOne(statement, arguments: [$0]) == false }
        }
    }

    /// The ticket that the first known one of the messages belongs to.
    package func ticket(ofMessages messageIDs: [String]) async throws -> RecordRow? {
        try await read { database in
            for messageID in messageIDs {
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT record.* FROM mail_thread JOIN record ON record.seq = mail_thread.record_seq
                        WHERE message_id = ?
                        """, arguments: [messageID])
                if let row { return RecordRow(row) }
            }
            return nil
        }
    }
}
