import JSON
import Testing

/// Mails as they are (RFC 5322, MIME), in the field `email`, with line ends of both kinds.
@Suite struct RawMailTests {
    private static let header = """
        From: Ann Example <ann@example.com>
        To: help@desk.example, "Büro, Nord" <nord@desk.example>
        Cc: Team: bob@example.com, carl@example.com;
        Subject: =?utf-8?B?U3TDtnJ1?= =?utf-8?Q?ng?=
         in the
        \tFrankfurt office
        MIME-Version: 1.0

        """

    private func expect(
        _ mail: String, text: String, files: [(name: String, type: String, content: String)] = []
    ) async throws {
        try await MailHarness.run { (harness) async throws in
            for end in ["\r\n", "\n"] {
                let ticket = try await harness.ticket(raw: Self.header + mail, end: end)
                #expect(ticket["subject"] == "Störung in the Frankfurt office")
                #expect(ticket["requester_email"] == "ann@example.com")
                #expect(ticket["description"]?.string == (text.isEmpty ? nil : text))
                #expect(
                    ticket["custom"]?["email"]?.text
                        == #"{"to":["help@desk.example","nord@desk.example"],"cc":["bob@example.com","carl@example.com"]}"#
                )
                let attachments = try await harness.attachments(ticket)
                #expect(attachments.map(\.name) == files.map(\.name))
                #expect(attachments.map(\.type) == files.map(\.type))
                for (attachment, file) in zip(attachments, files) {
                    let content = String(decoding: attachment.content, as: UTF8.self)
                    #expect(content == file.content.replacing("\n", with: end), "\(file.name)")
                }
            }
        }
    }

    @Test func `of alternatives the plain one counts`() async throws {
        try await expect(
            """
            Content-Type: multipart/alternative; boundary="b"

            --b
            Content-Type: text/plain; charset=utf-8

            Plain
            --b
            Content-Type: text/html; charset=utf-8

            <p>HTML</p>
            --b--
            """, text: "Plain")
    }

    @Test func `an alternative that is blank does not count`() async throws {
        try await expect(
            """
            Content-Type: multipart/alternative; boundary=b

            --b
            Content-Type: text/plain

            \u{20}
            --b
            Content-Type: text/html; charset=iso-8859-1

            <html><head><title>No</title></head><body><p>Caf&eacute;<br>f&uuml;r &#8364;&nbsp;5</p></body></html>
            --b--

            """, text: "Café\nfür € 5")
    }

    @Test func `images and files around a text are attachments`() async throws {
        try await expect(
            """
            Content-Type: multipart/mixed; boundary=outer

            This is a multi-part message in MIME format.
            --outer
            Content-Type: multipart/related; boundary=inner; type="multipart/alternative"

            --inner
            Content-Type: multipart/alternative; boundary=alt

            --alt
            Content-Type: text/plain; charset=us-ascii; format=flowed

            Look
            --alt
            Content-Type: text/html

            <p>Look <img src="cid:logo@x"></p>
            --alt--
            --inner
            Content-Type: image/png; name="logo.png"
            Content-Transfer-Encoding: base64
            Content-ID: <logo@x>
            Content-Disposition: inline; filename="logo.png"

            TE9HTw==
            --inner
            Content-Type: text/html
            Content-ID: <part@x>

            <b>no text of the mail</b>
            --inner--
            --outer
            Content-Type: text/csv; charset=utf-8
            Content-Disposition: attachment; filename*0*=UTF-8''Gr%C3%BC; filename*1*=%C3%9Fe;
             filename*2=".csv"
            Content-Transfer-Encoding: quoted-printable

            a=3Db
            --outer
            Content-Type: application/pdf; name="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="

            UERG
            --outer
            Content-Type: application/octet-stream
            Content-Transfer-Encoding: base64

            Tk9OQU1F
            --outer--
            """, text: "Look",
            files: [
                ("logo.png", "image/png", "LOGO"),
                ("attachment", "text/html", "<b>no text of the mail</b>"),
                ("Grüße.csv", "text/csv", "a=b"), ("Übersicht.pdf", "application/pdf", "PDF"),
                ("attachment", "application/octet-stream", "NONAME"),
            ])
    }

    @Test func `texts that follow each other are all kept`() async throws {
        try await expect(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            First
            --b
            Content-Type: text/html

            <p>Second &amp; third</p>
            --b
            Content-Type: text/plain; name="notes.txt"

            a file
            --b
            Content-Type: text/plain
            Content-Disposition: inline

            Footer
            --b--
            """, text: "First\nSecond & third\nFooter", files: [("notes.txt", "text/plain", "a file")])
    }

    @Test func `a mail within a mail is an attachment as it is`() async throws {
        let inner = """
            Received: from a by b;
             Mon, 1 Jan 2024 00:00:00 +0000
            from: Eve <eve@example.com>
            Subject:  =?utf-8?q?F=C3=BC?=
            X-Odd:value
            Content-Type: multipart/mixed; boundary=deep

            preamble

            --deep
            Content-Type: text/plain

            Inner text
            --deep
            Content-Type: application/octet-stream; name=a.bin
            Content-Transfer-Encoding: base64

            QUJD
            --deep--

            epilogue
            """
        try await expect(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain

            See below
            --b
            Content-Type: message/rfc822
            Content-Disposition: attachment; filename="Fwd: original.eml"

            \(inner)
            --b
            Content-Type: message/rfc822

            \(inner)
            --b--
            """, text: "See below",
            files: [
                ("Fwd: original.eml", "message/rfc822", inner), ("message.eml", "message/rfc822", inner),
            ])
    }

    @Test func `a file of Outlook is kept as it is`() async throws {
        try await expect(
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain; charset=Windows-1252
            Content-Transfer-Encoding: 7bit

            See the file
            --b
            Content-Type: application/ms-tnef; name=winmail.dat
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename=winmail.dat

            eJ8+IgA=
            --b--
            """, text: "See the file",
            files: [
                (
                    "winmail.dat", "application/ms-tnef",
                    String(decoding: [0x78, 0x9F, 0x3E, 0x22, 0], as: UTF8.self)
                )
            ])
    }

    @Test func `a report of a bounce makes no ticket`() async throws {
        try await MailHarness.run { (harness) async throws in
            let mail = """
                Return-Path: <>
                From: Mail Delivery System <mailer-daemon@example.com>
                Subject: Undelivered
                Auto-Submitted: auto-replied
                Content-Type: multipart/report; report-type=delivery-status; boundary=b

                --b

                Could not deliver.
                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; a.example
                --b--
                """
            let answer = try await harness.post(MailHarness.body([MailHarness.Part("email", mail)]))
            #expect(answer.status == 202)
            #expect(try answer.json["ticket"] == .null)
        }
    }

    @Test(arguments: [
        ("From: ann@example.com (Ann Example)", "ann@example.com"),
        ("From: =?utf-8?q?M=C3=BCller=2C_Ann?= <ann@example.com>", "ann@example.com"),
        ("From: \"x@y.example\" <ann@example.com>, bob@example.com", "ann@example.com"),
        ("From: <>", nil), ("From: undisclosed-recipients:;", nil), ("From: ", nil), ("X-None: 1", nil),
        ("From: [email protected]", nil), ("From: Ann <ann@>", nil),
    ])
    func `the sender is the first address that can be answered`(_ line: String, _ sender: String?)
        async throws
    {
        try await MailHarness.run { (harness) async throws in
            let ticket = try await harness.ticket(raw: "\(line)\nSubject: s\n\nText")
            #expect(ticket["requester_email"]?.string == sender)
            #expect(ticket["description"] == "Text")
            let value = String(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
            let parsed = try await harness.ticket([
                MailHarness.Part("from", value), MailHarness.Part("text", "Text"),
            ])
            #expect(parsed["requester_email"]?.string == (line.hasPrefix("X") ? nil : sender))
        }
    }

    @Test func `a header without a charset of its own is UTF-8 or else Windows-1252`() async throws {
        try await MailHarness.run { (harness) async throws in
            let subject =
                Array("From: a@b.example\nSubject: ".utf8) + [0x93, 0xFC, 0x94] + Array("\n\nx".utf8)
            #expect(try await harness.ticket([MailHarness.Part("email", subject)])["subject"] == "“ü”")
            #expect(try await harness.ticket(raw: "Subject: “ü”\n\nx")["subject"] == "“ü”")
        }
    }

    @Test func `parts within parts have an end`() async throws {
        try await MailHarness.run { (harness) async throws in
            var mail = "Subject: deep\n"
            for level in 0..<100 {
                mail += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n"
            }
            let answer = try await harness.post(MailHarness.body([MailHarness.Part("email", mail)]))
            #expect(answer.status == 400 || answer.status == 202)
        }
    }
}
