import HTTPTypes
import JSON
import Resources
import Store

/// Comments and attachments of the records of one type.
struct CommentRoutes {
    let type: RecordType
    let store: Store
    let writer: RecordWriter
    let contents: ContentStore
    let clock: any WallClock
    let maxBody: Int

    private var path: String { "/api/v1/\(type.rawValue)s/{id}" }
    private var noun: String { type.rawValue }

    var all: [APIRoute] { [list, create, attachments, content] }

    private var list: APIRoute {
        APIRoute(.get, "\(path)/comments", .scope(.recordsRead), "Lists the comments on \(type.withArticle).")
        {
            request in
            let parameters = try ListParameters(request)
            let row = try await store.existing(type, request)
            let page = try await store.comments(
                of: row.sequence, before: parameters.before, limit: parameters.limit)
            return .page(page, RecordJSON.value)
        }
        .lists(APISchema.named("Comment"))
        .problems((.notFound, "There is no such \(noun)."))
    }

    private var create: APIRoute {
        APIRoute(
            .post, "\(path)/comments", .scope(.recordsWrite), "Writes a comment on \(type.withArticle).",
            bodyLimit: maxBody
        ) { request in
            let idempotency = try Idempotency(request)
            let now = clock.now()
            if let answer = try await idempotency?.earlierAnswer(store, now: now) { return answer }
            let input = try CommentInput(try request.json())
            let row = try await store.existing(type, request)
            let location = "/api/v1/\(type.rawValue)s/\(row.id)/comments"
            let written = try await writer.comment(
                type, row.id, author: input.author, body: input.body, actor: request.actor
            ) { comment in
                idempotency.map { [$0.contribution(now: now) { _ in Self.created(comment, location) }] } ?? []
            }
            guard let written else { throw Problem.notFound("\(noun) `\(request.parameter("id"))`") }
            if let answer = written.repeated, let idempotency { return try idempotency.replay(answer) }
            return Self.created(written.comment, location)
        }
        .accepts(CommentInput.schema)
        .answers(.created, "Written.", APISchema.named("Comment"), headers: [.location])
        .problems((.notFound, "There is no such \(noun)."))
        .idempotent
    }

    private static func created(_ comment: Comment, _ location: String) -> APIResponse {
        var response = APIResponse.json(RecordJSON.value(comment), .created)
        response.headers[.location] = location
        return response
    }

    private var attachments: APIRoute {
        APIRoute(
            .get, "\(path)/attachments", .scope(.recordsRead), "Lists the attachments of \(type.withArticle)."
        ) { request in
            let parameters = try ListParameters(request)
            let row = try await store.existing(type, request)
            let page = try await store.attachments(
                of: row.sequence, before: parameters.before, limit: parameters.limit)
            return .page(page, RecordJSON.value)
        }
        .lists(APISchema.named("Attachment"))
        .problems((.notFound, "There is no such \(noun)."))
    }

    private var content: APIRoute {
        APIRoute(
            .get, "\(path)/attachments/{aid}", .scope(.recordsRead), "Sends the content of an attachment."
        ) { request in
            let row = try await store.existing(type, request)
            guard let attachment = try await store.attachment(request.parameter("aid"), of: row.sequence)
            else {
                throw Problem.notFound("attachment `\(request.parameter("aid"))`")
            }
            return AttachmentAnswer.response(attachment, path: contents.path(of: attachment.sha256))
        }
        .answers(
            .ok, "The content, as it was sent.", ["type": "string", "format": "binary"], as: "*/*",
            headers: [.contentDisposition]
        )
        .problems((.notFound, "There is no such \(noun) or attachment."))
    }
}

/// What a caller gives for a comment.
private struct CommentInput {
    let body: String
    let author: String?

    static let schema = APISchema.object(
        [
            "body": ["type": "string", "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"],
            "author": ["type": ["string", "null"], "maxLength": 1024, "pattern": "^[^\\u0000]*$"],
        ], required: ["body"], isClosed: true)

    /// - Throws: `Problem` 422.
    init(_ json: JSONValue) throws {
        guard case .object(let members) = json else { throw Problem.invalid("the body is not a JSON object") }
        for name in members.keys where name != "body" && name != "author" {
            throw Problem.invalid(
                "`\(name)` is not a field of a comment", pointer: "/\(JSONPointer.escape(name))")
        }
        guard let body = members["body"]?.string, body.contains(where: { !$0.isWhitespace }),
            !body.utf8.contains(0)
        else { throw Problem.invalid("`body` is a text that is not empty", pointer: "/body") }
        self.body = body
        let author = members["author"] ?? .null
        guard author.isNull || author.string.map({ $0.utf8.count <= 4096 && !$0.utf8.contains(0) }) == true
        else {
            throw Problem.invalid("`author` is a text of up to 4096 bytes", pointer: "/author")
        }
        self.author = author.string
    }
}

/// Files of strangers, sent in a way in which no browser runs them.
private enum AttachmentAnswer {
    static func response(_ attachment: Attachment, path: String) -> APIResponse {
        var response = APIResponse(.ok, contentType: attachment.contentType)
        response.headers[.contentDisposition] = "attachment; filename*=UTF-8''\(encoded(attachment.fileName))"
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
        response.headers[.eTag] = "\"\(attachment.sha256)\""
        response.file = FileBody(path: path, size: attachment.size)
        return response
    }

    /// RFC 8187: everything but `attr-char` is percent-encoded.
    private static func encoded(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension HTTPField.Name {
    static let contentTypeOptions = known("X-Content-Type-Options")
    static let contentSecurityPolicy = known("Content-Security-Policy")
}
