import OutboundHTTP
import Testing

struct OutboundTargetTests {
    @Test(arguments: [
        ("https://Example.COM", "https://example.com", 443, "/"),
        ("https://example.com:443/a", "https://example.com", 443, "/a"),
        ("http://example.com:8080?x=1", "http://example.com:8080", 8080, "/?x=1"),
        ("HTTP://a.b:/c#d", "http://a.b", 80, "/c"),
        ("https://[2001:DB8::0:1]:8443/", "https://[2001:db8::1]:8443", 8443, "/"),
        ("https://1.2.3.4/%2e", "https://1.2.3.4", 443, "/%2e"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", 443, "/"),
        (
            "https://my_host.svc.cluster.local./a?b[]=c|d", "https://my_host.svc.cluster.local.", 443,
            "/a?b[]=c|d"
        ),
        ("https://a/@b", "https://a", 443, "/@b"), ("https://a?@b/c", "https://a", 443, "/?@b/c"),
        ("https://1.2.3.4.example", "https://1.2.3.4.example", 443, "/"),
        ("https://0x7f.example/", "https://0x7f.example", 443, "/"),
    ])
    func `reads a URL`(_ url: String, _ origin: String, _ port: Int, _ path: String) throws {
        let target = try OutboundTarget(url)
        #expect(target.origin == origin)
        #expect(target.port == port)
        #expect(target.pathAndQuery == path)
    }

    @Test(arguments: [
        "", "example.com", "//example.com", "ftp://example.com", "https:/example.com", "https://",
        "https:///a", "https://:443",
        "https://a:0", "https://a:65536", "https://a:+1", "https://a:1e2", "https://a:99999999999999999999",
        "https://a b/", "https://a/b c",
        "https://a/b\r\nHost: c", "https://a\r\n/", "https://a/\0", "https://a/é", "https://a/%",
        "https://a/%zz", "https://a/%4", "https://a/<b>",
        "https://a\\b", "https://a/\\b", "https://a/{b}", "https://a%2eb/", "https://a..b/", "https://.a/",
        "https://-a/", "https://a-/",
        "https://a,b/", "https://a;b", "https://\u{301}a/", "https:/\u{301}/a", "https://[::1",
        "https://[::1]a/", "https://[::1%25eth0]/",
        "https://[1.2.3.4]/", "https://[v1.a]/", "https://[]/", "https://[::1]]/", "https://::1/",
        "https://a:b:1/", " https://a/", "https://a/\u{7f}",
    ])
    func `refuses what is not a clean URL`(_ url: String) {
        #expect(throws: OutboundError.self) { try OutboundTarget(url) }
    }

    @Test(arguments: [
        "0177.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "127.1", "127.0.0.01", "127.0.0.1.",
        "127.0.0.256", "1.2.3.4.5",
        "0x", "0X7F.0.0.1", "0000", "a.1", "a.0x1",
    ])
    func `never lets a resolver guess at numbers`(_ host: String) {
        #expect(throws: OutboundError.self) { try OutboundTarget("https://\(host)/") }
    }

    @Test(arguments: [
        "https://user:secret@example.com/", "https://user@example.com", "https://@example.com/",
        "https://good.example@evil.example/",
    ])
    func `refuses userinfo and does not repeat it`(_ url: String) {
        #expect { try OutboundTarget(url) } throws: {
            "\($0)".contains("user name") && !"\($0)".contains("secret")
        }
    }

    @Test func `asks for the ASCII form of an international name`() {
        #expect { try OutboundTarget("https://bücher.example/") } throws: { "\($0)".contains("xn--") }
    }

    @Test func `an error holds no control characters`() {
        #expect { try OutboundTarget("https://a\r\nb\u{1b}[0m/") } throws: { error in
            "\(error)".unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
    }

    @Test func `bounds a name`() {
        let label = String(repeating: "a", count: 63)
        #expect(throws: Never.self) { try OutboundTarget("https://\(label).example/") }
        #expect(throws: OutboundError.self) { try OutboundTarget("https://a\(label).example/") }
        #expect(throws: OutboundError.self) {
            try OutboundTarget("https://" + Array(repeating: label, count: 4).joined(separator: ".") + "/")
        }
    }
}
