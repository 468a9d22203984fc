import HTTPTypes
import JSON
import NIOPosix
import Resources
import Store

/// Mails that become tickets or comments.
struct MailReceiver: Sendable {
    /// How a mail is received.
    struct Reception: Sendable {
        let endpoint: ActiveEndpoint
        let ticket: InboundEndpointSpec.Ticket
        let threads: Bool
        /// Of the body, in bytes.
        let limit: Int
        let type: MediaType
    }

    /// What becomes of a mail.
    private enum Destination {
        case newTicket
        case comment(on: RecordRow)
        /// It is an automatic answer to nothing that is known.
        case nothing
    }

    /// Bytes of memory that a mail takes while it is received, about.
    static let memory = 4 << 20
    /// How long a message id is remembered at least: senders try for days.
    private static let minimumWindow = Duration.seconds(30 * 86_400)

    let store: Store
    let records: RecordWriter
    let contents: ContentStore
    let counters: InboundCounters
    let clock: any WallClock

    func receive(
        _ request: APIRequest, _ reception: Reception, _ verification: BodyVerification?
    ) async throws -> APIResponse {
        let threads = NIOThreadPool.singleton
        let contents = contents
        let form = try MailForm(reception.type, verification: verification, contents: contents)
        try await request.stream.forEach(limit: reception.limit) { chunk in
            try await threads.runIfActive { try form.feed(chunk) }
        }
        guard form.isVerified else { throw Problem.unverified(reception.endpoint.spec.verification) }
        let mail = try await threads.runIfActive {
            try MailFields(form.finish()).message(contents: contents)
        }
        let attachments = try await threads.runIfActive {
            try mail.attachments.map { (file: $0, digest: try contents.keep($0.spool)) }
        }
        let now = clock.now()
        let stored = attachments.map { file, digest in
            Attachment(
                id: store.newID("att_", at: now), commentID: nil, fileName: file.fileName,
                contentType: file.contentType, size: file.spool.size, sha256: digest, createdAt: now)
        }
        return try await take(mail, stored, reception, id: store.newID("msg_", at: now), now: now)
    }

    private func take(
        _ mail: MailMessage, _ attachments: [Attachment], _ reception: Reception, id: String, now: UnixTime
    ) async throws -> APIResponse {
        let endpoint = reception.endpoint
        let actor = "inbound:\(endpoint.name)"
        @Sendable func remember(_ ticket: RecordRow?) -> [Contribution] {
            var contributions: [Contribution] = []
            guard let messageID = mail.messageID else { return contributions }
            if let ticket { contributions.append(.thread([messageID], of: ticket.id)) }
            contributions.append(
                .inboundAnswer(
                    endpoint: endpoint.name, messageID: messageID, now: now,
                    expiresAt: now + max(endpoint.spec.dedupeWindow, Self.minimumWindow)
                ) { _ in Self.answer(id, ticket).text })
            return contributions
        }
        switch try await destination(of: mail, threads: reception.threads) {
        case .newTicket:
            let outcome = try await records.create(.ticket, input(mail, reception.ticket), actor: actor) {
                row in
                [.attachments(attachments, to: row.id)] + remember(row)
            }
            switch outcome {
            case .written(let row): return accepted(id, row, endpoint)
            case .repeated(let answer): return repeated(answer, endpoint)
            default: throw Ingest.Refusal.busy
            }
        case .comment(let row):
            let written = try await records.comment(
                .ticket, row.id, author: mail.sender, body: mail.comment, actor: actor
            ) { comment in
                let files = attachments.map { attachment in
                    var attachment = attachment
                    attachment.commentID = comment.id
                    return attachment
                }
                return [.attachments(files, to: row.id)] + remember(row)
            }
            if let answer = written?.repeated { return repeated(answer, endpoint) }
            return accepted(id, row, endpoint)
        case .nothing:
            switch try await records.ingest.commit({ _, _ in Ingest.Draft((), contributions: remember(nil)) })
            {
            case .repeated(let answer): return repeated(answer, endpoint)
            default: return accepted(id, nil, endpoint)
            }
        }
    }

    private func accepted(_ id: String, _ ticket: RecordRow?, _ endpoint: ActiveEndpoint) -> APIResponse {
        counters.count(endpoint.name, .accepted)
        return .json(Self.answer(id, ticket), .accepted)
    }

    private func repeated(_ answer: StoredAnswer, _ endpoint: ActiveEndpoint) -> APIResponse {
        counters.count(endpoint.name, .duplicate)
        return APIResponse(.ok, body: Array(answer.body.utf8), contentType: "application/json")
    }

    private static func answer(_ id: String, _ ticket: RecordRow?) -> JSONValue {
        let reference: JSONValue = ticket.map { ["id": .string($0.id), "key": .string($0.key)] } ?? .null
        return ["id": .string(id), "ticket": reference]
    }

    /// A closed ticket is final, so an answer to it begins a new one.
    private func destination(of mail: MailMessage, threads: Bool) async throws -> Destination {
        if threads {
            var ticket = try await store.ticket(ofMessages: mail.references)
            for key in mail.keys where ticket == nil {
                ticket = try await store.record(key, type: RecordType.ticket.rawValue)
            }
            if let ticket, ticket.columns.status != "closed" { return .comment(on: ticket) }
        }
        return mail.isAutomaticAnswer ? .nothing : .newTicket
    }

    private func input(_ mail: MailMessage, _ defaults: InboundEndpointSpec.Ticket) -> RecordInput {
        let subject = MailText.line(mail.subject)
        let body = MailText.body(mail.text)
        return RecordInput(
            trusted: [
                "subject": .string(subject.isEmpty ? "(no subject)" : subject),
                "type": .string(defaults.type), "priority": .string(defaults.priority),
                "category": defaults.category.map(JSONValue.string) ?? .null,
                "team_id": defaults.teamID.map(JSONValue.string) ?? .null,
                "requester_email": mail.sender.map(JSONValue.string) ?? .null,
                "description": body.isEmpty ? .null : .string(body),
                "custom": .object(mail.recipients.map { ["email": $0] } ?? [:]),
            ])
    }
}

extension MailMessage {
    fileprivate var comment: String {
        let text = MailText.body(text)
        return text.isEmpty ? "(no text)" : text
    }

    /// `{"to":[…],"cc":[…]}`; nil when it names none.
    fileprivate var recipients: JSONValue? {
        guard !to.isEmpty || !cc.isEmpty else { return nil }
        return ["to": .array(to.map(JSONValue.string)), "cc": .array(cc.map(JSONValue.string))]
    }
}

/// Texts of mails in the form in which records hold them.
private enum MailText {
    /// One line, without control characters, at most 1,000 characters.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        return String(String(String.UnicodeScalarView(scalars)).trimmingSpaces.prefix(1000)).trimmingSpaces
    }

    /// Lines end with a line feed; white space at the end and NULs go; what is too long is cut and says so.
    static func body(_ text: String) -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\0", with: "")
        var body = lines[...]
        while let last = body.last, last.isWhitespace { body.removeLast() }
        guard body.utf8.count > MailMessage.maximumText else { return String(body) }
        var cut = String(decoding: Array(body.utf8.prefix(MailMessage.maximumText)), as: UTF8.self)
        // The beginning of a character.
        while cut.last == "\u{FFFD}" { cut.removeLast() }
        return cut + "\n[truncated]"
    }
}
