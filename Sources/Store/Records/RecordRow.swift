import GRDB

/// A ticket, change, problem or asset as the state holds it.
package struct RecordRow: Sendable, Equatable {
    /// Its place among all records; 0 until it is stored.
    package var sequence: CommitSequence
    package var type: String
    package var id: String
    package var key: String
    /// Counts the writes, from 1.
    package var version: Int
    /// The record as the API shows it: a JSON object.
    package var data: String
    /// What rows are found by; repeats what `data` says.
    package var columns: Columns
    package var createdAt: UnixTime
    package var updatedAt: UnixTime

    package struct Columns: Sendable, Equatable {
        package var status: String
        /// Whether work on it is still to be done.
        package var isOpen: Bool
        package var priority: String?
        package var assignee: String?
        package var teamID: String?
        package var requesterEmail: String?
        package var externalKey: String?
        /// When a ticket has to be resolved.
        package var dueAt: UnixTime?

        package init(status: String, isOpen: Bool) {
            self.status = status
            self.isOpen = isOpen
        }
    }

    package init(
        sequence: CommitSequence = CommitSequence(0), type: String, id: String, key: String, version: Int,
        data: String, columns: Columns, createdAt: UnixTime, updatedAt: UnixTime
    ) {
        self.sequence = sequence
        self.type = type
        self.id = id
        self.key = key
        self.version = version
        self.data = data
        self.columns = columns
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    init(_ row: Row) {
        self.init(
            sequence: CommitSequence(row["seq"]), type: row["type"], id: row["id"], key: row["key"],
            version: row["version"], data: row["data"], columns: Columns(row),
            createdAt: UnixTime(milliseconds: row["created_ms"]),
            updatedAt: UnixTime(milliseconds: row["updated_ms"]))
    }
}

extension RecordRow.Columns {
    fileprivate init(_ row: Row) {
        self.init(status: row["status"], isOpen: row["is_open"])
        priority = row["priority"]
        assignee = row["assignee"]
        teamID = row["team_id"]
        requesterEmail = row["requester_email"]
        externalKey = row["external_key"]
        dueAt = (row["sla_due_ms"] as Int64?).map(UnixTime.init(milliseconds:))
    }
}

/// What a write changed; one for each version of a record.
package struct RecordChange: Sendable, Equatable {
    package var version: Int
    /// Who wrote: `token:<name>`, `inbound:<endpoint>`, `workflow:<run>`, `sla`.
    package var actor: String
    /// JSON array of field names, JSON object of their earlier values.
    package var changed: String
    package var previous: String
    package var at: UnixTime

    package init(version: Int, actor: String, changed: String, previous: String, at: UnixTime) {
        self.version = version
        self.actor = actor
        self.changed = changed
        self.previous = previous
        self.at = at
    }

    init(_ row: Row) {
        self.init(
            version: row["version"], actor: row["actor"], changed: row["changed"], previous: row["previous"],
            at: UnixTime(milliseconds: row["at_ms"]))
    }
}

/// What somebody wrote about a record.
package struct Comment: Sendable, Equatable {
    package var sequence: CommitSequence
    package var id: String
    /// An address or a name; nil when it is not known.
    package var author: String?
    package var body: String
    /// Where it came from, in the form of `RecordChange.actor`.
    package var source: String
    package var createdAt: UnixTime

    package init(id: String, author: String?, body: String, source: String, createdAt: UnixTime) {
        sequence = CommitSequence(0)
        self.id = id
        self.author = author
        self.body = body
        self.source = source
        self.createdAt = createdAt
    }

    init(_ row: Row) {
        self.init(
            id: row["id"], author: row["author"], body: row["body"], source: row["source"],
            createdAt: UnixTime(milliseconds: row["created_ms"]))
        sequence = CommitSequence(row["seq"])
    }
}

/// A file that belongs to a record; its content lies in a file that is named after its digest.
package struct Attachment: Sendable, Equatable {
    package var sequence: CommitSequence
    package var id: String
    /// The comment that it came with; nil for one that came with the record itself.
    package var commentID: String?
    package var fileName: String
    package var contentType: String
    package var size: Int
    /// Lower-case hex.
    package var sha256: String
    package var createdAt: UnixTime

    package init(
        id: String, commentID: String?, fileName: String, contentType: String, size: Int, sha256: String,
        createdAt: UnixTime
    ) {
        sequence = CommitSequence(0)
        self.id = id
        self.commentID = commentID
        self.fileName = fileName
        self.contentType = contentType
        self.size = size
        self.sha256 = sha256
        self.createdAt = createdAt
    }

    init(_ row: Row) {
        self.init(
            id: row["id"], commentID: row["comment_id"], fileName: row["file_name"],
            contentType: row["content_type"], size: row["size"], sha256: row["sha256"],
            createdAt: UnixTime(milliseconds: row["created_ms"]))
        sequence = CommitSequence(row["seq"])
    }
}
