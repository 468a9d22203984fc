import CGMime
import Glibc

/// A whole mail as MIME text in a file (RFC 5322, RFC 2045), read with GMime. Blocks on files.
enum RawMail {
    private static let isReady: Void = g_mime_init()

    /// Multiparts within each other that are looked into.
    private static let maximumDepth = 32
    static let maximumParts = 1000

    /// - Throws: `Problem` 400 when the file holds no mail, `FileError`.
    static func read(_ spool: Spool, contents: ContentStore) throws -> MailMessage {
        _ = isReady
        let descriptor = open(spool.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(spool.path)`") }
        guard let message = cgmime_parse(descriptor) else { throw Problem.malformed("`email` holds no mail") }
        defer { cgmime_release(message) }
        var mail = MailMessage()
        mail.sender = string(cgmime_sender(message)).flatMap(MailAddress.parse)
        mail.subject = string(cgmime_subject(message)) ?? ""
        for name in [
            "message-id", "in-reply-to", "references", "auto-submitted", "precedence", "return-path",
        ] {
            mail.headers[name] = string(cgmime_header(message, name))
        }
        mail.returnPath = mail.headers["return-path"].map {
            $0.replacing("<", with: "").replacing(">", with: "").trimmingSpaces
        }
        var body = Body()
        if let root = cgmime_root(message) { try collect(root, depth: 0, contents, &body) }
        mail.text = body.text
        mail.attachments = body.attachments
        return mail
    }

    /// What the parts of a mail add up to.
    private struct Body {
        var plain: [String] = []
        var html: [String] = []
        var attachments: [MailAttachment] = []
        var count = 0

        var text: String {
            let plain = plain.joined(separator: "\n")
            if plain.contains(where: { !$0.isWhitespace }) { return plain }
            return html.map(HTMLText.text).joined(separator: "\n")
        }
    }

    private static func collect(
        _ object: UnsafeMutablePointer<GMimeObject>, depth: Int, _ contents: ContentStore, _ body: inout Body
    ) throws {
        body.count += 1
        guard body.count <= maximumParts, depth <= maximumDepth else {
            throw Problem.malformed("`email` has too many parts")
        }
        switch cgmime_kind(object) {
        case CGMimeMultipart:
            for index in 0..<cgmime_count(object) {
                if let child = cgmime_child(object, index) {
                    try collect(child, depth: depth + 1, contents, &body)
                }
            }
        case CGMimePart, CGMimeMessage: try part(object, contents, &body)
        default: break
        }
    }

    private static func part(
        _ object: UnsafeMutablePointer<GMimeObject>, _ contents: ContentStore, _ body: inout Body
    ) throws {
        let type = mediaType(object)
        let name = string(cgmime_file_name(object))
        let spool = try contents.spool()
        let descriptor = open(spool.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(spool.path)`") }
        guard cgmime_write(object, descriptor) != 0 else { throw FileError("write `\(spool.path)`") }
        try spool.adopt()
        let isMessage = cgmime_kind(object) == CGMimeMessage
        let isText = !isMessage && name == nil && cgmime_is_attachment(object) == 0
        if isText, type == "text/plain" || type == "text/html" {
            let text = Charset.text(
                try spool.read(upTo: MailMessage.maximumText * 4), charset: string(cgmime_charset(object)))
            if type == "text/plain" { body.plain.append(text) } else { body.html.append(text) }
            return
        }
        guard spool.size > 0 || name != nil else { return }
        body.attachments.append(
            MailAttachment(
                fileName: FileName.safe(name ?? (isMessage ? "message.eml" : "attachment")),
                contentType: FileName.contentType(type), spool: spool))
    }

    private static func mediaType(_ object: UnsafeMutablePointer<GMimeObject>) -> String {
        guard let type = cgmime_type(object) else { return "" }
        defer { g_free(type) }
        return String(cString: type).lowercased()
    }

    private static func string(_ text: UnsafePointer<CChar>?) -> String? {
        text.map {
            String(
                decoding: UnsafeBufferPointer(start: $0, count: strlen($0)).map(UInt8.init(bitPattern:)),
                as: UTF8.self)
        }
    }
}
