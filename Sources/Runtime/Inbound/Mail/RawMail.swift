import CGMime
import Glibc

/// A whole mail as MIME text in a file (RFC 5322, RFC 2045), read with GMime. Blocks on files.
enum RawMail {
    /// Multiparts within each other that are looked into.
    private static let maximumDepth = 32
    static let maximumParts = 1000

    /// - Throws: `Problem` 400 when the file holds no mail, `FileError`.
    static func read(_ spool: Spool, contents: ContentStore) throws -> MailMessage {
        HeaderText.prepare()
        let descriptor = open(spool.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(spool.path)`") }
        guard let message = cgmime_parse(descriptor) else { throw Problem.malformed("`email` holds no mail") }
        defer { cgmime_release(message) }
        var mail = MailMessage()
        mail.sender =
            MailAddress.usable(owned(cgmime_header_addresses(message, GMIME_ADDRESS_TYPE_FROM))).first
        mail.to = MailAddress.usable(owned(cgmime_header_addresses(message, GMIME_ADDRESS_TYPE_TO)))
        mail.cc = MailAddress.usable(owned(cgmime_header_addresses(message, GMIME_ADDRESS_TYPE_CC)))
        mail.subject = EncodedWords.decoded(header: bytes(cgmime_raw_header(message, "Subject")))
        for name in [
            "message-id", "in-reply-to", "references", "auto-submitted", "precedence", "return-path",
        ] {
            mail.headers[name] = string(cgmime_header(message, name))
        }
        mail.readReturnPath()
        var body = Body(mail: spool)
        if let root = cgmime_root(message) {
            mail.text = try collect(root, depth: 0, contents, &body)?.text ?? ""
        }
        mail.attachments = body.attachments
        return mail
    }

    /// What the parts of a mail add up to, beside its text.
    private struct Body {
        /// The whole mail.
        let mail: Spool
        /// Of the multiparts around the part that is read, the innermost last.
        var boundaries: [String] = []
        var attachments: [MailAttachment] = []
        var count = 0
    }

    /// What a part says.
    private struct Words {
        let text: String
        let isPlain: Bool

        var isBlank: Bool { text.allSatisfy(\.isWhitespace) }
    }

    /// Adds the attachments of a part; returns its text, or nil when it has none.
    private static func collect(
        _ object: UnsafeMutablePointer<GMimeObject>, depth: Int, isResource: Bool = false,
        _ contents: ContentStore, _ body: inout Body
    ) throws -> Words? {
        body.count += 1
        guard body.count <= maximumParts, depth <= maximumDepth else {
            throw Problem.malformed("`email` has too many parts")
        }
        switch cgmime_kind(object) {
        case CGMimeMultipart: return try multipart(object, depth: depth, contents, &body)
        case CGMimePart, CGMimeMessage: return try part(object, isResource: isResource, contents, &body)
        default: return nil
        }
    }

    /// Of alternatives (RFC 2046, section 5.1.4) the plain one counts where it says something; the texts of all other
    /// parts follow each other. Behind the first part of a `multipart/related` (RFC 2387) is what that refers to.
    private static func multipart(
        _ object: UnsafeMutablePointer<GMimeObject>, depth: Int, _ contents: ContentStore, _ body: inout Body
    ) throws -> Words? {
        let type = mediaType(object)
        var all: [Words] = []
        body.boundaries.append(string(cgmime_boundary(object)) ?? "")
        defer { body.boundaries.removeLast() }
        for index in 0..<cgmime_count(object) {
            guard let child = cgmime_child(object, index) else { continue }
            let isResource = type == "multipart/related" && index > 0 && cgmime_content_id(child) != nil
            if let words = try collect(child, depth: depth + 1, isResource: isResource, contents, &body),
                !words.isBlank
            {
                all.append(words)
            }
        }
        if type == "multipart/alternative" { return all.first(where: \.isPlain) ?? all.first }
        guard all.count > 1 else { return all.first }
        let text = all.map { $0.text.hasSuffix("\n") ? $0.text : $0.text + "\n" }.joined()
        return Words(text: text, isPlain: all.contains(where: \.isPlain))
    }

    private static func part(
        _ object: UnsafeMutablePointer<GMimeObject>, isResource: Bool, _ contents: ContentStore,
        _ body: inout Body
    ) throws -> Words? {
        let type = mediaType(object)
        let name = string(cgmime_file_name(object))
        let spool = try contents.spool()
        let isMessage = cgmime_kind(object) == CGMimeMessage
        if try !isMessage || !copy(object, to: spool, body) { try write(object, to: spool) }
        let isText = !isMessage && !isResource && name == nil && cgmime_is_attachment(object) == 0
        if isText, type == "text/plain" || type == "text/html" {
            let text = Charset.text(
                try spool.read(upTo: MailMessage.maximumText * 4), charset: string(cgmime_charset(object)))
            let isPlain = type == "text/plain"
            return Words(text: isPlain ? text : HTMLText.text(text), isPlain: isPlain)
        }
        guard spool.size > 0 || name != nil else { return nil }
        body.attachments.append(
            MailAttachment(
                fileName: FileName.safe(name ?? (isMessage ? "message.eml" : "attachment")),
                contentType: FileName.contentType(type), spool: spool))
        return nil
    }

    private static func write(_ object: UnsafeMutablePointer<GMimeObject>, to spool: Spool) throws {
        let descriptor = open(spool.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open `\(spool.path)`") }
        guard cgmime_write(object, descriptor) != 0 else { throw FileError("write `\(spool.path)`") }
        try spool.adopt()
    }

    /// Copies an attached message as it is in the mail, up to the boundary behind it; false when it cannot be found there.
    private static func copy(
        _ object: UnsafeMutablePointer<GMimeObject>, to spool: Spool, _ body: Body
    ) throws -> Bool {
        var position = Int(cgmime_message_offset(object))
        guard position >= 0 else { return false }
        let marker = body.boundaries.last.map { Array("\n--\($0)".utf8) } ?? []
        // What may be the beginning of the boundary, with the line end before it, waits for the next piece.
        let kept = marker.count + 1
        while true {
            let piece = try body.mail.read(pieceSize, at: position)
            if !marker.isEmpty, let end = piece.firstRange(of: marker)?.lowerBound {
                let content = end > 0 && piece[end - 1] == 0x0D ? piece[..<(end - 1)] : piece[..<end]
                try content.withUnsafeBytes { try spool.write($0) }
                return true
            }
            let isLast = piece.count < pieceSize
            let content = isLast ? piece[...] : piece.dropLast(kept)
            try content.withUnsafeBytes { try spool.write($0) }
            if isLast { return true }
            position += content.count
        }
    }

    private static let pieceSize = 256 << 10

    private static func mediaType(_ object: UnsafeMutablePointer<GMimeObject>) -> String {
        guard let type = cgmime_type(object) else { return "" }
        defer { g_free(type) }
        return String(cString: type).lowercased()
    }

    private static func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8] {
        text.map { UnsafeBufferPointer(start: $0, count: strlen($0)).map(UInt8.init(bitPattern:)) } ?? []
    }

    private static func string(_ text: UnsafePointer<CChar>?) -> String? { text.map { String(cString: $0) } }

    private static func owned(_ text: UnsafeMutablePointer<CChar>?) -> String { HeaderText.owned(text) ?? "" }
}
