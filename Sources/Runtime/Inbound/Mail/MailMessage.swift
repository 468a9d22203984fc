import JSON

/// A mail as the service desk understands it, however it was sent.
struct MailMessage: Sendable {
    /// The address of the sender; nil when there is none that can be answered.
    var sender: String?
    /// The addresses that it names as its recipients.
    var to: [String] = []
    var cc: [String] = []
    var subject = ""
    var text = ""
    /// Header fields by lower-case names, decoded; the first of several.
    var headers: [String: String] = [:]
    /// The sender of the envelope; empty for what must not be answered (RFC 5321, section 4.5.5).
    var returnPath: String?
    var attachments: [MailAttachment] = []

    /// Bytes of the text that become a ticket's description or a comment.
    static let maximumText = 256 << 10
}

/// A file of a mail; its content is spooled.
struct MailAttachment: Sendable {
    let fileName: String
    let contentType: String
    let spool: Spool
}

extension MailMessage {
    /// Without its angle brackets; nil when there is none.
    var messageID: String? { headers["message-id"].map(Self.messageIDs)?.first }

    /// The mails that this one answers, the nearest first.
    var references: [String] {
        let answered = headers["in-reply-to"].map(Self.messageIDs) ?? []
        let earlier = headers["references"].map(Self.messageIDs) ?? []
        return Array((answered + earlier.reversed()).prefix(50))
    }

    /// The keys of tickets that stand in the subject, such as `[INC-7]`.
    var keys: [String] {
        subject.matches(of: /\b(?:INC|REQ)-[1-9][0-9]{0,17}\b/).prefix(5).map { String($0.output) }
    }

    /// Whether a program sent it as an answer, or a mail system because it could not deliver one: such a mail never makes
    /// a ticket, or two programs would answer each other for ever (RFC 3834).
    ///
    /// Mail that a program sends of itself (`auto-generated`), such as an alert, is wanted.
    var isAutomaticAnswer: Bool {
        let submitted = headers["auto-submitted"].map { HeaderParameters($0).value.lowercased() } ?? "no"
        if submitted != "no" && submitted != "auto-generated" { return true }
        let precedence = headers["precedence"]?.trimmingSpaces.lowercased() ?? ""
        if ["bulk", "junk", "auto_reply", "auto-reply"].contains(precedence) { return true }
        return returnPath?.isEmpty ?? false
    }

    /// Takes the return path from the header of that name; empty for a bounce, which has `<>` there.
    mutating func readReturnPath() {
        returnPath = headers["return-path"].map {
            $0.replacing("<", with: "").replacing(">", with: "").trimmingSpaces
        }
    }

    /// The identifiers in a header such as `References` (RFC 5322, section 3.6.4), without angle brackets.
    private static func messageIDs(_ text: String) -> [String] {
        text.matches(of: /<([^<>\s]{1,998})>/).map { String($0.output.1) }
    }
}

/// A block of header fields (RFC 5322, section 2.2).
enum HeaderBlock {
    /// By lower-case names, unfolded; the first of several.
    static func fields(_ text: String) -> [String: String] {
        var fields: [(name: String, value: String)] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if line.first == " " || line.first == "\t", !fields.isEmpty {
                fields[fields.count - 1].value += " " + String(line).trimmingSpaces
            } else if let colon = line.firstIndex(of: ":") {
                fields.append(
                    (
                        String(line[..<colon]).lowercased().trimmingSpaces,
                        String(line[line.index(after: colon)...]).trimmingSpaces
                    ))
            }
        }
        return Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }
}
