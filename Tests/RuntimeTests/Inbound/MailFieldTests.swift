import JSON
import Testing

/// The fields of Inbound Parse with the mail taken apart.
@Suite struct MailFieldTests {
    private typealias Part = MailHarness.Part

    @Test(arguments: ["\r\n", "\n"])
    func `a form with everything becomes a ticket with its files`(_ end: String) async throws {
        try await MailHarness.run { (mail) async throws in
            let info = #"""
                {"attachment2":{"filename":"Übersicht.png","name":"Übersicht.png","type":"image/png","content-id":"ii_1"},
                "attachment1":{"filename":"a.txt","name":"a.txt","type":"text/plain"}}
                """#
            let parts = [
                Part("headers", "Message-ID: <m9@x>\nTo: a@b.example\nSubject: other\nX-Long: a\n b\n"),
                Part("dkim", "{@example.com : pass}"), Part("SPF", "pass"), Part("spam_score", "0.1"),
                Part("spam_report", "Spam detection software, running on ..."),
                Part("sender_ip", "192.0.2.1"),
                Part("to", "Desk <desk@parse.example>, \"b, c\" <bc@parse.example>"),
                Part("cc", "dd@example.com"),
                Part("from", "Ann Example <ann@example.com>"), Part("subject", "Printer"),
                Part("html", "<div>Hello</div>"), Part("text", "Hello"), Part("attachments", "2"),
                Part("content-ids", #"{"ii_1":"attachment2"}"#), Part("attachment-info", info),
                Part("envelope", #"{"to":["desk@parse.example"],"from":"ann@example.com"}"#),
                Part("attachment1", [0, 13, 10, 255], more: #"; filename="a.txt""#, type: "text/plain"),
                Part("attachment2", [137, 80], more: #"; filename="""#),
                Part("charsets", #"{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"utf-8"}"#),
            ]
            let ticket = try await mail.ticket(parts, end: end)
            #expect(ticket["subject"] == "Printer")
            #expect(ticket["description"] == "Hello")
            #expect(ticket["requester_email"] == "ann@example.com")
            #expect(
                ticket["custom"]?.text
                    == #"{"email":{"to":["desk@parse.example","bc@parse.example"],"cc":["dd@example.com"]}}"#)
            let files = try await mail.attachments(ticket)
            #expect(files.map(\.name) == ["a.txt", "Übersicht.png"])
            #expect(files.map(\.type) == ["text/plain", "image/png"])
            #expect(files.map(\.content) == [[0, 13, 10, 255], [137, 80]])
        }
    }

    @Test(arguments: [
        (#"; filename="=?utf-8?B?w5xiZXIucGRm?=""#, "Über.pdf"),
        (#"; filename*=UTF-8''%C3%9Cber%20uns.pdf"#, "Über uns.pdf"),
        (#"; filename="plain.pdf"; filename*=UTF-8''%C3%9Cber.pdf"#, "Über.pdf"),
        (#"; filename*0="long"; filename*1=" name.pdf""#, "long name.pdf"),
        (#"; filename=bare.pdf"#, "bare.pdf"), (#"; filename="a\"b.pdf""#, "a\"b.pdf"),
        (#"; filename="semi;colon.pdf""#, "semi;colon.pdf"), ("", "attachment"),
        (#"; filename="..""#, "attachment"), (#"; filename="/etc/passwd""#, "passwd"),
    ])
    func `the name of a file is read as its sender wrote it`(_ more: String, _ name: String) async throws {
        try await MailHarness.run { (mail) async throws in
            let ticket = try await mail.ticket([
                Part("subject", "s"), Part("attachment1", "x", more: more, type: "application/pdf"),
            ])
            #expect(try await mail.attachments(ticket).map(\.name) == [name])
        }
    }

    @Test(arguments: [
        ("=?iso-2022-jp?B?GyRCPmMzMhsoQg==?=", "障害"), ("a\r\n b\tc", "a   b c"), ("", "(no subject)"),
        ("   ", "(no subject)"), ("x\u{0}y", "x y"),
    ])
    func `a subject becomes one line`(_ subject: String, _ expected: String) async throws {
        try await MailHarness.run { (mail) async throws in
            let ticket = try await mail.ticket([Part("subject", subject), Part("text", "x")])
            #expect(ticket["subject"]?.string == expected)
        }
    }

    @Test func `what the form does not say is taken from the mail's header`() async throws {
        try await MailHarness.run { (mail) async throws in
            let header = """
                From: =?utf-8?q?M=C3=BCller?= <ann@example.com>
                Subject: =?utf-8?q?St=C3=B6rung?=
                 heute
                """
            let ticket = try await mail.ticket([
                Part("headers", header), Part("html", "<p>Hallo</p>"), Part("text", " \n"),
            ])
            #expect(ticket["subject"] == "Störung heute")
            #expect(ticket["requester_email"] == "ann@example.com")
            #expect(ticket["description"] == "Hallo")
        }
    }

    /// From the form, the mail's header, the envelope, in this order; without a usable one nothing is lost.
    @Test(
        arguments: [
            ("a@x.example", "From: b@x.example", #"{"from":"c@x.example"}"#, "a@x.example"),
            (nil, "From: b@x.example", #"{"from":"c@x.example"}"#, "b@x.example"),
            (nil, nil, #"{"from":"c@x.example"}"#, "c@x.example"),
            ("undisclosed", "From: nobody", #"{"from":"c@x.example"}"#, "c@x.example"),
            (nil, "Return-Path: <d@x.example>", nil, "d@x.example"),
            (nil, "Return-Path: <d@x.example>", #"{"from":"c@x.example"}"#, "c@x.example"),
            (nil, nil, #"{"from":"not an address"}"#, nil), (nil, nil, #"{"from":7}"#, nil),
            (nil, nil, "{from", nil), (nil, nil, nil, nil),
        ] as [(String?, String?, String?, String?)])
    func `the requester is who wrote the mail, or else who its envelope names`(
        _ from: String?, _ header: String?, _ envelope: String?, _ requester: String?
    ) async throws {
        try await MailHarness.run { (mail) async throws in
            let ticket = try await mail.ticket(
                [Part("subject", "s")] + (from.map { [Part("from", $0)] } ?? [])
                    + (header.map { [Part("headers", $0)] } ?? [])
                    + (envelope.map { [Part("envelope", $0)] } ?? []))
            #expect(ticket["requester_email"]?.string == requester)
            #expect(ticket["subject"] == "s")
        }
    }

    @Test(arguments: ["headers", "envelope", "from", "to", "cc", "subject", "text", "html", "attachment1"])
    func `a mail of one empty field makes a ticket all the same`(_ name: String) async throws {
        try await MailHarness.run { (mail) async throws in
            let ticket = try await mail.ticket([Part(name, "")])
            #expect(ticket["subject"] == "(no subject)")
            #expect(ticket["requester_email"] == .null)
            #expect(ticket["description"] == .null)
        }
    }

    @Test(arguments: ["", "\r\n", "\n", "\r\nepilogue --xYzZY\r\n"])
    func `what follows the last boundary does not matter`(_ ending: String) async throws {
        try await MailHarness.run { (mail) async throws in
            let body = MailHarness.body([Part("subject", "s")], ending: ending)
            #expect(try await mail.post(body).status == 202)
            #expect(try await mail.post(Array("preamble\r\n".utf8) + body).status == 202)
        }
    }

    @Test func `a form that ends too early is 400 and leaves nothing`() async throws {
        try await MailHarness.run { (mail) async throws in
            let body = MailHarness.body([
                Part("subject", "s"),
                Part("attachment1", [UInt8](repeating: 1, count: 100), more: "; filename=a"),
            ])
            for count in [0, 5, 30, 60, body.count - 60, body.count - 8] {
                #expect(try await mail.post(Array(body.prefix(count))).status == 400, "\(count) bytes")
            }
            #expect(try await mail.runtime.all("/api/v1/tickets").isEmpty)
        }
    }

    @Test func `HTML becomes text`() async throws {
        try await MailHarness.run { (mail) async throws in
            let html = """
                <!DOCTYPE html><html><head><style>p{}</style></head><body>
                <p>One &lt;two&gt; &amp; &oacute;&Ntilde;&#xe9;&#146;</p><br><ul><li>a</li><li>b</li></ul>
                <script>alert(1)</script><table><tr><td>x</td><td>y</td></tr></table>a < b &unknown; &copy</body></html>
                """
            let ticket = try await mail.ticket([Part("html", html)])
            #expect(ticket["description"]?.string == "One <two> & óÑé’\n\na\nb\nx y\na < b &unknown; &copy")
        }
    }
}
