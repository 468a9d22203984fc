import JSON
import Testing

@testable import Runtime

/// What senders write in, and what a ticket says then.
@Suite struct MailCharsetTests {
    // swift-format-ignore
    private static let table: [(charset: String, text: String, bytes: String)] = [
        ("windows-1252", "Müller — “Grüße” €", "4dfc6c6c6572209720934772fcdf65942080"),
        ("iso-8859-1", "Müller “x” …", "4dfc6c6c6572209378942085"),
        ("ISO-8859-15", "Œuvre à 5 €", "bc7576726520e0203520a4"),
        ("iso-2022-jp", "障害のお知らせ", "1b24423e633332244e242a434e2469243b1b2842"),
        ("shift_jis", "①高﨑さん", "87408d82ed9582b382f1"),
        ("euc-jp", "障害のお知らせ", "bee3b3b2a4cea4aac3cea4e9a4bb"),
        ("gb18030", "故障报告𠀀", "b9cad5cfb1a8b8e695328236"),
        ("gb2312", "朱镕基的故障", "d6ece946bbf9b5c4b9cad5cf"),
        ("big5", "系統故障", "a874b2ceac47bbd9"),
        ("ks_c_5601-1987", "똠방각하 장애", "8c63b9e6b0a2c7cf20c0e5bed6"),
        ("koi8-r", "Сбой сети", "f3c2cfca20d3c5d4c9"),
        ("windows-1251", "Сбой «сети»", "d1e1eee920abf1e5f2e8bb"),
        ("iso-8859-2", "Žluťoučký kůň", "ae6c75bb6f75e86bfd206bf9f2"),
        ("windows-1256", "خطأ في الشبكة", "ced8c320dded20c7e1d4c8dfc9"),
        ("iso-8859-8-i", "תקלה ברשת", "faf7ece420e1f8f9fa"),
        ("tis-620", "เครือข่ายล่ม", "e0a4c3d7cda2e8d2c2c5e8c1"),
        ("utf-16", "Grüße 🚀", "fffe47007200fc00df00650020003dd880de"),
        ("cp850", "pidió", "70696469a2"),
        ("us-ascii", "Grüße", "4772fcdf65"),
        ("x-unknown", "Grüße", "4772fcdf65"),
        ("UTF-8", "Grüße 🚀", "efbbbf4772c3bcc39f6520f09f9a80"),
        ("utf-7", "Grüße", "47722b4150774133772d65"),
    ]

    @Test(arguments: table)
    func `fields of a form are read in their own charsets`(
        _ charset: String, _ text: String, _ bytes: String
    ) async throws {
        try await MailHarness.run { (mail) async throws in
            let content = try #require(Hex.bytes(bytes))
            let charsets = #"{"subject":"\#(charset)","text":"\#(charset)","to":"UTF-8"}"#
            let ticket = try await mail.ticket([
                MailHarness.Part("subject", content), MailHarness.Part("text", content),
                MailHarness.Part("charsets", charsets),
            ])
            #expect(ticket["subject"]?.string == text)
            #expect(ticket["description"]?.string == text)
        }
    }

    @Test(arguments: table.filter { !["utf-16", "us-ascii", "UTF-8", "utf-7"].contains($0.charset) })
    func `parts and encoded words of a raw mail are read in their own charsets`(
        _ charset: String, _ text: String, _ bytes: String
    ) async throws {
        try await MailHarness.run { (mail) async throws in
            let content = try #require(Hex.bytes(bytes))
            let quoted = content.map { "=" + Hex.lowercase([$0]).uppercased() }.joined()
            let word = charset.hasPrefix("x-") ? "Grüße" : "=?\(charset)?Q?\(quoted)?="
            let ticket = try await mail.ticket(
                raw: """
                    From: "=?\(charset)?Q?\(quoted)?=" <ann@example.com>
                    Subject: \(word)
                    Content-Type: text/plain; charset="\(charset)"
                    Content-Transfer-Encoding: quoted-printable

                    \(quoted)
                    """)
            #expect(ticket["subject"]?.string == text)
            #expect(ticket["description"]?.string == text)
            #expect(ticket["requester_email"] == "ann@example.com")
        }
    }

    @Test func `without charsets text is UTF-8 or else Windows-1252`() async throws {
        try await MailHarness.run { (mail) async throws in
            for charsets in ["", "{", "[]", #"{"subject":7}"#] {
                var parts = [
                    MailHarness.Part("subject", Array("Grüße".utf8)),
                    MailHarness.Part("text", [0x93, 0x80, 0x94]),
                ]
                if !charsets.isEmpty { parts.append(MailHarness.Part("charsets", charsets)) }
                let ticket = try await mail.ticket(parts)
                #expect(ticket["subject"] == "Grüße")
                #expect(ticket["description"] == "“€”")
            }
        }
    }
}
