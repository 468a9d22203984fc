import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct ProxyTests {
    private static let ok = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    /// What a private target is to the guard when nothing is allowed but plain HTTP.
    private static let closed = AddressPolicy(allowsPlainHTTP: true)

    @Test func `a plain request goes to the proxy with its whole URL and our credentials`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            let proxy = try OutboundProxy("http://user:p%40ss@127.0.0.1:\(server.port)")
            try await withClient(policy: Self.closed, proxy: proxy, group: singleLoop()) { client in
                let first = try await client.post("http://10.0.0.1:81/a?b", body: "{}")
                #expect(first.response?.text == "ok", "\(first)")
                let second = try await client.post("http://other.test/")
                #expect(second.response?.isConnectionReused == true)
            }
            let request = try #require(server.record.requests.first?.text)
            let head =
                "POST http://10.0.0.1:81/a?b HTTP/1.1\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\nHost: 10.0.0.1:81\r\n"
            #expect(request.hasPrefix(head), "\(request)")
            #expect(request.hasSuffix("\r\n\r\n{}"))
        }
    }

    @Test func `TLS goes through a tunnel and verifies the target`() async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext("server", subjectAltName: "DNS:receiver.test")
        let profile = try TLSProfile(additionalRoots: certificates.authority)
        let script = ScriptedServer.Script(onRequest: { _, _, text in
            text.hasPrefix("CONNECT")
                ? [.send("HTTP/1.1 200 Connection established\r\n\r\n"), .startTLS(context)] : [Self.ok]
        })
        try await ScriptedServer.with(script) { server in
            let proxy = try OutboundProxy("http://127.0.0.1:\(server.port)")
            try await withClient(policy: Self.closed, proxy: proxy, group: singleLoop()) { client in
                let right = try await client.post("https://receiver.test/a", tls: profile)
                #expect(right.response?.text == "ok", "\(right)")
                let again = try await client.post("https://receiver.test/b", tls: profile)
                #expect(again.response?.isConnectionReused == true)
                let wrong = try await client.post("https://other.test/", tls: profile)
                #expect(wrong.failure?.class == .tls, "\(wrong)")
                let untrusted = try await client.post("https://receiver.test/")
                #expect(untrusted.failure?.class == .tls, "\(untrusted)")
            }
            let texts = server.record.requests.map(\.text)
            #expect(texts.first == "CONNECT receiver.test:443 HTTP/1.1\r\nHost: receiver.test:443\r\n\r\n")
            #expect(texts.dropFirst().first?.hasPrefix("POST /a HTTP/1.1\r\nHost: receiver.test\r\n") == true)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n", "garbage\r\n",
        "HTTP/1.1 200 OK\r\n\r\nsmuggled",
    ])
    func `a tunnel that does not come about is a failure of class connect`(_ answer: String) async throws {
        try await ScriptedServer.with(.always(.send(answer), .close)) { server in
            let proxy = try OutboundProxy("http://127.0.0.1:\(server.port)")
            let outcome = try await withClient(proxy: proxy) { try await $0.post("https://receiver.test/") }
            #expect(outcome.failure?.class == .connect, "\(outcome)")
        }
    }

    @Test func `a proxy that wants other credentials is no answer of the receiver`() async throws {
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.always(.send(answer))) { server in
            let proxy = try OutboundProxy("http://127.0.0.1:\(server.port)")
            let outcome = try await withClient(policy: Self.closed, proxy: proxy) {
                try await $0.post("http://a.test/")
            }
            #expect(outcome.failure?.class == .connect, "\(outcome)")
            #expect(outcome.failure?.message == "the proxy answered 407")
            let direct = try await withClient { try await $0.post("http://127.0.0.1:\(server.port)/") }
            #expect(direct.response?.status == 407)
        }
    }

    @Test func `plain HTTP must be allowed with a proxy too`() async throws {
        let proxy = try OutboundProxy("http://127.0.0.1:1")
        let outcome = try await withClient(policy: AddressPolicy(), proxy: proxy) {
            try await $0.post("http://a.test/")
        }
        #expect(outcome.failure?.class == .blocked)
    }

    @Test(arguments: [
        "", "proxy:3128", "https://proxy:3128", "socks5://proxy", "http://proxy/path", "http://u:%zz@proxy",
        "http://u:canary%0d@proxy",
    ])
    func `refuses what is not a proxy's URL`(_ url: String) {
        #expect { try OutboundProxy(url) } throws: {
            ($0 as? OutboundError)?.subject == .proxy && !"\($0)".contains("canary")
        }
    }
}
