import JSON
import Store

/// Records and what belongs to them as the API shows them.
enum RecordJSON {
    static func value(_ row: RecordRow) -> JSONValue {
        // Written by this program.
        (try? JSONValue(parsing: row.data)) ?? .null
    }

    static func value(_ change: RecordChange) -> JSONValue {
        [
            "version": .number(JSONNumber(change.version)), "actor": .string(change.actor),
            "changed": (try? JSONValue(parsing: change.changed)) ?? [],
            "previous": (try? JSONValue(parsing: change.previous)) ?? [:],
            "at": .string(change.at.description),
        ]
    }

    static func value(_ comment: Comment) -> JSONValue {
        [
            "id": .string(comment.id), "author": comment.author.map(JSONValue.string) ?? .null,
            "body": .string(comment.body), "created_at": .string(comment.createdAt.description),
        ]
    }

    static func value(_ attachment: Attachment) -> JSONValue {
        [
            "id": .string(attachment.id), "file_name": .string(attachment.fileName),
            "content_type": .string(attachment.contentType), "size": .number(JSONNumber(attachment.size)),
            "sha256": .string(attachment.sha256),
            "comment_id": attachment.commentID.map(JSONValue.string) ?? .null,
            "created_at": .string(attachment.createdAt.description),
        ]
    }
}
