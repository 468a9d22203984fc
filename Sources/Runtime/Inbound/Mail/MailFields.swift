import JSON

/// The form of SendGrid's Inbound Parse, with the mail taken apart or as a whole.
struct MailFields: Sendable {
    private let parts: [MailForm.Part]
    /// The charset of each field, where it is said.
    private let charsets: [String: String]

    /// What a mail consists of. Each may be empty; the other fields of the form say something about a mail.
    private static let names: Set = [
        "email", "headers", "envelope", "from", "to", "cc", "subject", "text", "html",
    ]

    /// - Throws: `Problem` 400 when nothing of a mail is in the form, `FileError`.
    init(_ parts: [MailForm.Part]) throws {
        guard parts.contains(where: { Self.names.contains($0.name) || $0.isFile }) else {
            throw Problem.malformed(
                "the form has no field of a mail, such as `from`, `subject`, `text` or `email`")
        }
        self.parts = parts
        let charsets = try Self.json("charsets", parts)?.object ?? JSONObject()
        self.charsets = Dictionary(charsets.map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
    }

    /// The mail; a ticket can be made of any.
    func message(contents: ContentStore) throws -> MailMessage {
        var mail: MailMessage
        if let spool = parts.first(where: { $0.name == "email" })?.spool {
            mail = try RawMail.read(spool, contents: contents)
        } else {
            mail = MailMessage()
            mail.headers = HeaderBlock.fields(try text("headers") ?? "")
            mail.readReturnPath()
            let plain = try text("text") ?? ""
            mail.text = plain.contains { !$0.isWhitespace } ? plain : HTMLText.text(try text("html") ?? "")
            mail.attachments = try attachments()
        }
        if mail.subject.isEmpty {
            mail.subject = EncodedWords.decoded(try text("subject") ?? mail.headers["subject"] ?? "")
        }
        if mail.sender == nil { mail.sender = try addresses("from", mail).first }
        if mail.to.isEmpty { mail.to = try addresses("to", mail) }
        if mail.cc.isEmpty { mail.cc = try addresses("cc", mail) }
        // Malformed ones are in the wild; then nothing is known of the envelope.
        if let from = try Self.json("envelope", parts)?["from"]?.string { mail.returnPath = from }
        // Who gets the bounces is most often who wrote it. Without that, too, the ticket has no requester.
        if mail.sender == nil { mail.sender = MailAddress.usable(mail.returnPath ?? "").first }
        return mail
    }

    /// The addresses of a field, or of the header field of that name when the form has none that can be answered.
    private func addresses(_ name: String, _ mail: MailMessage) throws -> [String] {
        let addresses = MailAddress.parse(try text(name) ?? "")
        return addresses.isEmpty ? MailAddress.parse(mail.headers[name] ?? "") : addresses
    }

    private func text(_ name: String) throws -> String? {
        guard let part = parts.first(where: { $0.name == name }) else { return nil }
        let charset = charsets[name] ?? MediaType(part.contentType).charset
        return Charset.text(try part.read(upTo: MailMessage.maximumText * 4), charset: charset)
    }

    private func attachments() throws -> [MailAttachment] {
        let info = try Self.json("attachment-info", parts)
        return parts.compactMap { part in
            guard let spool = part.spool, part.isFile else { return nil }
            let known = info?[part.name]
            let name = Self.fileName(part.fileName ?? "", known)
            let type = part.contentType.isEmpty ? known?["type"]?.string ?? "" : part.contentType
            return MailAttachment(
                fileName: FileName.safe(name), contentType: FileName.contentType(type), spool: spool)
        }
    }

    /// The part's own name; the one in `attachment-info`, which is JSON, where that says more.
    private static func fileName(_ own: String, _ known: JSONValue?) -> String {
        let other = known?["filename"]?.string ?? known?["name"]?.string ?? ""
        let isPlain = own.unicodeScalars.allSatisfy { 0x20..<0x7F ~= $0.value }
        return own.isEmpty || !isPlain && !other.isEmpty ? EncodedWords.decoded(other) : own
    }

    /// A field that holds JSON; nil when it does not.
    private static func json(_ name: String, _ parts: [MailForm.Part]) throws -> JSONValue? {
        guard let part = parts.first(where: { $0.name == name }) else { return nil }
        return try? JSONValue(parsing: try part.read(upTo: 1 << 20), limits: .received)
    }
}

extension MailForm.Part {
    /// A file has a name, even if it is empty, or is called one.
    var isFile: Bool { fileName != nil || name.hasPrefix("attachment") && name.last?.isNumber == true }
}
