import JSON
import Testing

/// A runtime with an e-mail endpoint, and mails as SendGrid posts them.
struct MailHarness: Sendable {
    /// A part of the form.
    struct Part: Sendable {
        let disposition: String
        let type: String?
        let content: [UInt8]

        init(_ name: String, _ content: [UInt8], more: String = "", type: String? = nil) {
            disposition = "form-data; name=\"\(name)\"\(more)"
            self.type = type
            self.content = content
        }

        init(_ name: String, _ content: String, more: String = "", type: String? = nil) {
            self.init(name, Array(content.utf8), more: more, type: type)
        }
    }

    let runtime: RuntimeHarness

    private static let configuration =
        adminToken + """
            ---
            kind: InboundEndpoint
            metadata: {name: inbound-email}
            spec:
              type: email
              verify: {sharedSecret: {header: X-Webhook-Secret, secretRef: mail}}

            """

    static func run(_ body: @escaping @Sendable (MailHarness) async throws -> Void) async throws {
        try await RuntimeHarness.run(configuration, secrets: ["api-token": token, "mail": "mail-secret"]) {
            runtime in
            try await body(MailHarness(runtime: runtime))
        }
    }

    /// The body of a form.
    static func body(_ parts: [Part], end: String = "\r\n", ending: String? = nil) -> [UInt8] {
        var body: [UInt8] = []
        for part in parts {
            var head = "--xYzZY\(end)Content-Disposition: \(part.disposition)\(end)"
            if let type = part.type { head += "Content-Type: \(type)\(end)" }
            body += Array("\(head)\(end)".utf8) + part.content + Array(end.utf8)
        }
        return body + Array("--xYzZY--\(ending ?? end)".utf8)
    }

    func post(_ body: [UInt8]) async throws -> TestAnswer {
        try await runtime.send(
            "POST", "/api/webhooks/inbound-email",
            headers: [
                "X-Webhook-Secret": "mail-secret", "Content-Type": "multipart/form-data; boundary=xYzZY",
            ], body: body)
    }

    /// The ticket that a form makes.
    func ticket(_ parts: [Part], end: String = "\r\n") async throws -> JSONValue {
        let answer = try await post(Self.body(parts, end: end))
        #expect(answer.status == 202, "\(answer.text)")
        let key = try answer.json["ticket"]?["key"]?.string ?? "none"
        return try await runtime.send("GET", "/api/v1/tickets/\(key)", token: token).json
    }

    /// The ticket that a whole mail makes.
    ///
    /// - Parameter raw: with line feeds, which become `end`.
    func ticket(raw: String, end: String = "\r\n") async throws -> JSONValue {
        try await ticket([Part("email", raw.replacing("\n", with: end))])
    }

    /// Name, type and content of the attachments, in the order of the mail.
    func attachments(_ ticket: JSONValue) async throws -> [(name: String, type: String, content: [UInt8])] {
        let path = "/api/v1/tickets/\(ticket["key"]?.string ?? "")/attachments"
        var all: [(name: String, type: String, content: [UInt8])] = []
        for attachment in try await runtime.all(path).reversed() {
            let id = attachment["id"]?.string ?? ""
            let content = try await runtime.send("GET", "\(path)/\(id)", token: token)
            all.append(
                (
                    attachment["file_name"]?.string ?? "", attachment["content_type"]?.string ?? "",
                    content.body
                ))
        }
        return all
    }
}
