import AsyncHTTPClient
import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import OutboundHTTP
import TestSupport
import Testing

@testable import Runtime

/// TLS on the public listener, and proxies in front of it.
@Suite(.timeLimit(.minutes(5))) struct ListenerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The status of `/livez` over a connection of its own that trusts one certificate.
    private func status(port: Int, trusting file: String) async throws -> UInt {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(file)
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(tlsConfiguration: tls)
        )
        do {
            let request = HTTPClientRequest(url: "https://localhost:\(port)/livez")
            let status = try await client.execute(request, timeout: .seconds(30)).status.code
            try await client.shutdown()
            return status
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    @Test func `serves TLS and takes a new certificate without a restart`() async throws {
        let (first, second, live) = (try TestFolder(), try TestFolder(), try TestFolder())
        let old = try await TestCertificate(in: first)
        let new = try await TestCertificate(in: second)
        @Sendable func install(_ certificate: TestCertificate) throws -> (certificate: String, key: String) {
            let chain = try String(contentsOfFile: certificate.certificateFile, encoding: .utf8)
            let key = try String(contentsOfFile: certificate.keyFile, encoding: .utf8)
            return (try live.write(chain, to: "tls.pem"), try live.write(key, to: "tls.key"))
        }
        let files = try install(old)
        var setup = RuntimeHarness.Setup()
        let identity = try ServerIdentity(
            certificateFile: files.certificate, keyFile: files.key, logger: logger)
        setup.identity = identity
        try await RuntimeHarness.run(setup: setup) { runtime in
            #expect(try await status(port: runtime.port, trusting: old.certificateFile) == 200)
            await #expect(throws: (any Error).self) {
                try await status(port: runtime.port, trusting: new.certificateFile)
            }
            // One half alone, and then something else: the old pair stays.
            try live.write(try String(contentsOfFile: new.keyFile, encoding: .utf8), to: "tls.key")
            await identity.refresh()
            try live.write("nonsense", to: "tls.pem")
            await identity.refresh()
            #expect(try await status(port: runtime.port, trusting: old.certificateFile) == 200)
            _ = try install(new)
            await identity.refresh()
            #expect(try await status(port: runtime.port, trusting: new.certificateFile) == 200)
        }
    }

    @Test func `refuses files that it cannot use`() async throws {
        let folder = try TestFolder()
        let certificate = try await TestCertificate(in: folder)
        let other = try await TestCertificate(in: try TestFolder())
        let text = try folder.write("text", to: "text")
        for (chain, key) in [
            (text, certificate.keyFile), (certificate.certificateFile, text),
            (certificate.certificateFile, other.keyFile), (folder.appending("none"), certificate.keyFile),
        ] {
            #expect(throws: (any Error).self) {
                try ServerIdentity(certificateFile: chain, keyFile: key, logger: logger)
            }
        }
    }

    @Test(
        arguments: [
            // peer, X-Forwarded-For, trusted, who it is
            ("192.0.2.1", nil, ["10.0.0.0/8"], "192.0.2.1"),
            ("192.0.2.1", "198.51.100.7", ["10.0.0.0/8"], "192.0.2.1"),
            ("10.0.0.1", "198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
            ("10.0.0.1", "203.0.113.9, 198.51.100.7", ["10.0.0.0/8"], "198.51.100.7"),
            ("10.0.0.1", "198.51.100.7, 10.0.0.2", ["10.0.0.0/8"], "198.51.100.7"),
            ("10.0.0.1", "nonsense, 10.0.0.2", ["10.0.0.0/8"], "10.0.0.2"),
            ("10.0.0.1", "198.51.100.7", [], "10.0.0.1"),
            ("::1", "2001:db8::1", ["::1/128"], "2001:db8::1"),
        ] as [(String, String?, [String], String)])
    func `believes those who are trusted, from the end`(
        _ peer: String, _ header: String?, _ trusted: [String], _ client: String
    ) throws {
        var headers = HTTPFields()
        headers[.forwardedFor] = header
        let address = ClientAddress.resolve(
            peer: IPAddress(peer), headers, trusted: try trusted.map { try CIDR(parsing: $0) })
        #expect(address == IPAddress(client))
    }

    /// What asks whether a process is alive often does so with HEAD.
    @Test func `answers HEAD as GET, without a body`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token]) { runtime in
            for path in ["/livez", "/readyz", "/api/v1/tickets"] {
                let answer = try await runtime.send("HEAD", path, token: token)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.body.isEmpty, "\(path)")
            }
            #expect(try await runtime.send("HEAD", "/api/v1/tickets", token: "wrong").status == 401)
            let refused = try await runtime.send("PUT", "/api/v1/tickets")
            #expect(refused.status == 405)
            #expect(refused.header("Allow") == "GET, HEAD, POST")
        }
    }

    @Test func `says in the log who was turned away`() async throws {
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        setup.trustedProxies = ["127.0.0.1/32"]
        try await RuntimeHarness.run(adminToken, secrets: ["api-token": token], setup: setup) { runtime in
            let answer = try await runtime.send(
                "GET", "/api/v1/events", token: "wrong", headers: ["X-Forwarded-For": "198.51.100.7"])
            #expect(answer.status == 401)
        }
        let line = try #require(log.lines.first { $0.message == "request refused" })
        #expect(line.metadata["client"] == "198.51.100.7")
        #expect(line.metadata["path"] == "/api/v1/events")
        #expect(line.metadata["status"] == "401")
    }

    @Test(
        arguments: [
            ("127.0.0.1:9090", true), ("localhost:9090", true), ("LOCALHOST", true), ("[::1]:9090", true),
            ("192.0.2.1", true), ("attacker.example:9090", false), ("localhost.attacker.example", false),
            ("127.0.0.1.attacker.example:80", false), ("attacker.example.", false),
        ] as [(String, Bool)])
    func `a listener for operators on loopback answers to no other name`(_ host: String, _ isAnswered: Bool)
        async throws
    {
        try await RuntimeHarness.run { (runtime) async throws in
            let answer = try await runtime.sendAdmin("GET", "/livez", headers: ["Host": host])
            #expect(answer.status == (isAnswered ? 200 : 421))
            #expect(try await runtime.send("GET", "/livez", headers: ["Host": host]).status == 200)
        }
    }
}
