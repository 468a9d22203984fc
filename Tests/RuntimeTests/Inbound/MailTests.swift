import Foundation
import JSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct MailTests {
    private static let folder = ConformanceData.folder("sendgrid").path
    private let secrets = ["api-token": token, "signing": "s3cret", "mail": "mail-secret"]
    private let configuration =
        adminToken + """
            ---
            kind: InboundEndpoint
            metadata: {name: inbound-email}
            spec:
              type: email
              verify: {sharedSecret: {header: X-Webhook-Secret, secretRef: mail}}
              ticket: {category: E-mail}

            """

    private func post(
        _ runtime: RuntimeHarness, _ body: [UInt8], type: String = "multipart/form-data; boundary=xYzZY"
    ) async throws -> TestAnswer {
        try await runtime.send(
            "POST", "/api/webhooks/inbound-email",
            headers: ["X-Webhook-Secret": "mail-secret", "Content-Type": type], body: body)
    }

    private func post(_ runtime: RuntimeHarness, form: String) async throws -> TestAnswer {
        try await post(runtime, Array(form.utf8), type: "application/x-www-form-urlencoded")
    }

    private func payload(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)")))
    }

    private func ticket(_ runtime: RuntimeHarness, _ answer: TestAnswer) async throws -> JSONValue {
        let key = try answer.json["ticket"]?["key"]?.string ?? "none"
        return try await runtime.send("GET", "/api/v1/tickets/\(key)", token: token).json
    }

    @Test func `the documented command makes a ticket whose webhook arrives signed`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(configuration + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                for (from, requester) in [
                    ("%5Bemail%20protected%5D", JSONValue.null),
                    ("from=ann%40example.com", "ann@example.com"),
                ] {
                    let answer = try await post(
                        runtime,
                        form: "\(from)&subject=Cannot%20connect%20to%20VPN&text=Auth%20fails%20repeatedly.")
                    #expect(answer.status == 202)
                    let ticket = try await ticket(runtime, answer)
                    #expect(ticket["subject"] == "Cannot connect to VPN")
                    #expect(ticket["description"] == "Auth fails repeatedly.")
                    #expect(ticket["requester_email"] == requester)
                    #expect(ticket["category"] == "E-mail")
                    let received = try await receiver.requests.next()
                    #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
                    #expect(try received.json["data"] == ticket)
                }
            }
        }
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: folder)),
        arguments: [
            ("default_data.txt", "Testing non-raw", "test@example.com", "Hello Twilio SendGrid!"),
            ("default_data_crlf.txt", "Testing non-raw", "test@example.com", "Hello Twilio SendGrid!"),
            ("raw_data.txt", "Inbound Parse Test Raw Data", "test@example.com", "Hello Twilio SendGrid!"),
            (
                "raw_data_with_attachments.txt", "Inbound Parse Test Raw Data with Attachment",
                "test@example.com",
                "Hello Twilio SendGrid!"
            ),
            (
                "charsets_raw_post.bin", "Como usted pidió", "sender@example.com",
                "Test the ESP’s inbound charset handling…"
            ),
        ])
    func `a payload of SendGrid becomes a ticket`(
        _ file: String, _ subject: String, _ sender: String, _ text: String
    ) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let answer = try await post(runtime, payload(file))
            #expect(answer.status == 202)
            let ticket = try await ticket(runtime, answer)
            #expect(ticket["subject"]?.string == subject)
            #expect(ticket["requester_email"]?.string == sender)
            #expect(ticket["description"]?.string == text)
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder)))
    func `what is not a form is 400 and leaves nothing behind`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            #expect(try await post(runtime, payload("bad_data.txt")).status == 400)
            let truncated = Array(try payload("default_data.txt").dropLast(100))
            #expect(try await post(runtime, truncated).status == 400)
            #expect(try await runtime.all("/api/v1/tickets").isEmpty)
            #expect(try await runtime.all("/api/v1/events").isEmpty)
            let spools = FileManager.default.enumerator(
                atPath: runtime.folder.appending("state.db.files/tmp"))
            #expect(spools?.nextObject() == nil)
        }
    }

    @Test(arguments: ["", "a=b&subjekt=VPN", "charsets=%7B%7D&attachments=0&SPF=pass"])
    func `a form without any field of a mail is 400 and leaves nothing behind`(_ form: String) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let parts = form.split(separator: "&").map { pair in
                let words = pair.split(separator: "=")
                return MailHarness.Part(String(words[0]), String(words[1]))
            }
            var answers = [try await post(runtime, form: form)]
            // Without any part it is no multipart body either.
            if !parts.isEmpty { answers.append(try await post(runtime, MailHarness.body(parts))) }
            for answer in answers {
                #expect(answer.status == 400)
                #expect(try answer.json["detail"]?.string?.contains("no field of a mail") == true)
            }
            #expect(try await runtime.all("/api/v1/tickets").isEmpty)
            #expect(try await runtime.all("/api/v1/events").isEmpty)
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: folder)))
    func `an attachment of a raw mail comes out byte for byte`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let body = try payload("raw_data_with_attachments.txt")
            let key = try await post(runtime, body).json["ticket"]?["key"]?.string ?? ""
            let attachments = try await runtime.all("/api/v1/tickets/\(key)/attachments")
            #expect(attachments.map { $0["file_name"] } == ["SendGrid.jpg"])
            let id = attachments[0]["id"]?.string ?? ""
            let content = try await runtime.send(
                "GET", "/api/v1/tickets/\(key)/attachments/\(id)", token: token)
            let text = String(decoding: body, as: UTF8.self)
            let encoded = text.components(separatedBy: "f_irwihell0\n\n")[1].components(separatedBy: "\n--")[
                0]
            #expect(
                content.body
                    == Array(Data(base64Encoded: encoded, options: .ignoreUnknownCharacters) ?? Data()))
            #expect(content.header("Content-Type") == "image/jpeg")
        }
    }

    @Test(arguments: ["\r\n", "\n"])
    func `binary files with hostile names are kept byte for byte`(_ end: String) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let content =
                [UInt8](0...255) + Array("\r\n--xYzZ\n--xYzZYx\r".utf8)
                + [UInt8](repeating: 13, count: 70_000)
            let names = [
                "../../etc/passwd", "", String(repeating: "a", count: 4096) + ".txt", "C:\\x\\y.exe",
                "\u{202E}gpj.exe",
            ]
            var body: [UInt8] = []
            for (number, name) in names.enumerated() {
                let disposition = "form-data; name=\"attachment\(number + 1)\"; filename=\"\(name)\""
                body +=
                    Array("--xYzZY\(end)Content-Disposition: \(disposition)\(end)\(end)".utf8) + content
                    + Array(end.utf8)
            }
            body += Array("--xYzZY--".utf8)
            let key = try await post(runtime, body).json["ticket"]?["key"]?.string ?? ""
            let attachments = try await runtime.all("/api/v1/tickets/\(key)/attachments")
            let stored = attachments.compactMap { $0["file_name"]?.string }
            #expect(
                stored.reversed() == [
                    "passwd", "attachment", String(repeating: "a", count: 251) + ".txt", "y.exe", "gpj.exe",
                ])
            for attachment in attachments {
                let id = attachment["id"]?.string ?? ""
                let answer = try await runtime.send(
                    "GET", "/api/v1/tickets/\(key)/attachments/\(id)", token: token)
                #expect(answer.body == content)
            }
        }
    }

    @Test func `the same message id makes one ticket`() async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let form = "subject=a&headers=Message-ID%3A%20%3Cm1%40x%3E%0A"
            let first = try await post(runtime, form: form)
            let second = try await post(runtime, form: form)
            #expect((first.status, second.status) == (202, 200))
            #expect(first.body == second.body)
            #expect(try await runtime.all("/api/v1/tickets").count == 1)
        }
    }

    @Test(arguments: [
        "subject=Re&headers=In-Reply-To%3A%20%3Cm1%40x%3E",
        "subject=Re&headers=References%3A%20%3Cm0%40x%3E%20%3Cm1%40x%3E",
        "subject=Re%3A%20%5BINC-1%5D%20a",
    ])
    func `a mail that answers another becomes a comment`(_ form: String) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            _ = try await post(runtime, form: "subject=a&headers=Message-ID%3A%20%3Cm1%40x%3E")
            let answer = try await post(runtime, form: "\(form)&text=More&from=bob%40example.com")
            #expect(try answer.json["ticket"]?["key"] == "INC-1")
            #expect(try await runtime.all("/api/v1/tickets").count == 1)
            let comments = try await runtime.all("/api/v1/tickets/INC-1/comments")
            #expect(comments.map { $0["body"] } == ["More"])
            #expect(comments[0]["author"] == "bob@example.com")
        }
    }

    @Test(arguments: [
        "headers=Auto-Submitted%3A%20auto-replied", "headers=Precedence%3A%20bulk",
        "envelope=%7B%22from%22%3A%22%22%7D", "headers=Return-Path%3A%20%3C%3E",
    ])
    func `an automatic answer makes no ticket`(_ form: String) async throws {
        try await RuntimeHarness.run(configuration, secrets: secrets) { (runtime) async throws in
            let answer = try await post(runtime, form: "subject=Out%20of%20office&\(form)")
            #expect(answer.status == 202)
            #expect(try answer.json["ticket"] == .null)
            #expect(try await runtime.all("/api/v1/tickets").isEmpty)
            #expect(try await runtime.all("/api/v1/events").isEmpty)
        }
    }
}
