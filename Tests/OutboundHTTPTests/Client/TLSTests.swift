import NIOSSL
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct TLSTests {
    private static let ok = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    /// Posts to a TLS server with our authority among the trusted ones, or without it.
    private func post(
        _ host: String, to context: NIOSSLContext, profile: TLSProfile, steps: [ScriptedServer.Step] = [ok]
    ) async throws -> OutboundOutcome {
        try await ScriptedServer.with(.always(steps), tls: context) { server in
            try await withClient { try await $0.post("https://\(host):\(server.port)/", tls: profile) }
        }
    }

    @Test(arguments: [
        ("receiver.test", "DNS:receiver.test"), ("127.0.0.1", "IP:127.0.0.1"),
        ("a.wild.test", "DNS:*.wild.test"), ("receiver.test.", "DNS:receiver.test"),
    ])
    func `a certificate of a trusted authority for the host is accepted`(_ host: String, _ name: String)
        async throws
    {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext("server", subjectAltName: name)
        let outcome = try await post(
            host, to: context, profile: TLSProfile(additionalRoots: certificates.authority))
        #expect(outcome.response?.text == "ok", "\(outcome)")
        #expect(outcome.response?.timing.tls != nil)
    }

    @Test(arguments: [
        ("other.test", "DNS:receiver.test", 30, false), ("127.0.0.1", "DNS:receiver.test", 30, false),
        ("127.0.0.1", "IP:127.0.0.2", 30, false), ("receiver.test", "DNS:receiver.test", -1, false),
        ("receiver.test", "DNS:receiver.test", 30, true), ("a.b.wild.test", "DNS:*.wild.test", 30, false),
    ])
    func `a wrong host, an expired and a self-signed certificate are refused`(
        _ host: String, _ name: String, _ days: Int, _ selfSigned: Bool
    ) async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext(
            "server", subjectAltName: name, days: days, selfSigned: selfSigned)
        let outcome = try await post(
            host, to: context, profile: TLSProfile(additionalRoots: certificates.authority))
        #expect(outcome.failure?.class == .tls, "\(outcome)")
    }

    @Test func `an unknown authority is refused, and the time has its parts all the same`() async throws {
        let context = try await TestCertificates().serverContext(
            "server", subjectAltName: "DNS:receiver.test")
        let failure = try await post("receiver.test", to: context, profile: TLSProfile()).failure
        #expect(failure?.class == .tls)
        #expect(failure?.timing.dns != nil && failure?.timing.connect != nil && failure?.timing.tls != nil)
        #expect(failure?.timing.firstByte == nil)
    }

    @Test func `the time of a refused connection is the time of connecting`() async throws {
        let failure = try await withClient { try await $0.post("https://127.0.0.1:9/") }.failure
        #expect(failure?.class == .connect)
        #expect(failure?.timing.connect != nil && failure?.timing.tls == nil)
    }

    @Test func `authorities can be named instead of the system's`() async throws {
        let (certificates, others) = try await (TestCertificates(), TestCertificates())
        let context = try await certificates.serverContext("server", subjectAltName: "DNS:receiver.test")
        let named = try await post(
            "receiver.test", to: context, profile: TLSProfile(roots: certificates.authority))
        #expect(named.response?.text == "ok", "\(named)")
        let wrong = try await post(
            "receiver.test", to: context, profile: TLSProfile(roots: others.authority))
        #expect(wrong.failure?.class == .tls, "\(wrong)")
    }

    @Test func `a client certificate is shown where one is configured`() async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext(
            "server", subjectAltName: "DNS:receiver.test", asksClient: true)
        let client = try await certificates.issue("client", subjectAltName: "DNS:client.test")
        let with = try TLSProfile(
            additionalRoots: certificates.authority, clientCertificate: client.chain, clientKey: client.key)
        let without = try TLSProfile(additionalRoots: certificates.authority)
        #expect(try await post("receiver.test", to: context, profile: with).response?.status == 200)
        #expect(try await post("receiver.test", to: context, profile: without).failure?.class == .tls)
    }

    @Test func `connections are shared by names and identities only where both agree`() async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext("server", subjectAltName: "DNS:*.test")
        let profiles = [
            try TLSProfile(additionalRoots: certificates.authority),
            try TLSProfile(additionalRoots: certificates.authority),
        ]
        try await ScriptedServer.with(.always(Self.ok), tls: context) { server in
            try await withClient(group: singleLoop()) { client in
                var reused: [Bool?] = []
                for (host, profile) in [("a", 0), ("a", 0), ("b", 0), ("a", 1), ("a", 1)] {
                    let outcome = try await client.post(
                        "https://\(host).test:\(server.port)/", tls: profiles[profile])
                    reused.append(outcome.response?.isConnectionReused)
                }
                #expect(reused == [false, true, false, false, true])
            }
            #expect(server.record.connections == 3)
        }
    }

    @Test func `a body until the end is whole only after close_notify`() async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext("server", subjectAltName: "DNS:receiver.test")
        let profile = try TLSProfile(additionalRoots: certificates.authority)
        let answer = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\n\r\nhello")
        let clean = try await post("receiver.test", to: context, profile: profile, steps: [answer, .close])
        #expect(clean.response?.truncation == nil)
        let unclean = try await post(
            "receiver.test", to: context, profile: profile, steps: [answer, .closeUncleanly])
        #expect(unclean.response?.text == "hello")
        #expect(unclean.response?.truncation == .closed)
    }

    @Test func `a body of known length needs no close_notify`() async throws {
        let certificates = try await TestCertificates()
        let context = try await certificates.serverContext("server", subjectAltName: "DNS:receiver.test")
        let profile = try TLSProfile(additionalRoots: certificates.authority)
        let outcome = try await post(
            "receiver.test", to: context, profile: profile, steps: [Self.ok, .closeUncleanly])
        #expect(outcome.response?.truncation == nil)
    }

    @Test(arguments: [[ScriptedServer.Step.send("HTTP/1.1 400 Bad Request\r\n\r\n")], [.close], [.reset]])
    func `a receiver that does not speak TLS fails with class tls`(_ steps: [ScriptedServer.Step])
        async throws
    {
        try await ScriptedServer.with(ScriptedServer.Script(onAccept: steps)) { server in
            let outcome = try await withClient { try await $0.post("https://127.0.0.1:\(server.port)/") }
            #expect(outcome.failure?.class == .tls || outcome.failure?.class == .connect, "\(outcome)")
        }
    }

    @Test func `an unusable identity is an error that does not repeat it`() async throws {
        let certificates = try await TestCertificates()
        let (chain, key) = try await certificates.issue("client", subjectAltName: "DNS:client.test")
        let canary = Array("-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----\n".utf8)
        #expect(throws: OutboundError.self) { try TLSProfile(clientCertificate: chain) }
        #expect(throws: OutboundError.self) { try TLSProfile(clientKey: key) }
        #expect(throws: OutboundError.self) { try TLSProfile(additionalRoots: []) }
        #expect(throws: OutboundError.self) { try TLSProfile(clientCertificate: key, clientKey: chain) }
        #expect { try TLSProfile(additionalRoots: canary) } throws: { !"\($0)".contains("canary") }
    }
}
