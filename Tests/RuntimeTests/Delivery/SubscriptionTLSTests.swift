import Foundation
import NIOSSL
import Store
import TestSupport
import Testing

@testable import Runtime

/// `tls` of a subscription: whom it trusts, and as whom it appears.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionTLSTests {
    private func text(_ file: String) throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

    private func context(_ authority: TestAuthority, asksClient: Bool = false) async throws -> NIOSSLContext {
        let (certificate, key) = try await authority.issue("server", subjectAltName: "IP:127.0.0.1")
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        if asksClient {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(authority.certificateFile)
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private func yaml(_ url: String, _ tls: String) -> String {
        let subscription = subscription(to: url)
        return adminToken + (tls.isEmpty ? subscription : subscription + "  tls: \(tls)\n")
    }

    private func send(_ runtime: RuntimeHarness) async throws {
        let answer = try await runtime.send(
            "POST", "/api/v1/events", token: token, json: #"{"event":"ticket.created","data":{"id":"t"}}"#)
        #expect(answer.status == 202)
    }

    /// The class of the first attempt's error, once it was made.
    private func errorClass(_ runtime: RuntimeHarness) async throws -> String? {
        while true {
            let page = try await runtime.store.deliveries(.init(), before: nil, limit: 1)
            if let delivery = page.items.first, delivery.attempts > 0 { return delivery.lastErrorClass }
            await Task.yield()
        }
    }

    @Test func `trusts the authority that it names, and nobody else does`() async throws {
        let folder = try TestFolder()
        let authority = try await TestAuthority(in: folder)
        let secrets = [
            "api-token": token, "signing": "s3cret", "ca": try text(authority.certificateFile),
        ]
        try await StubReceiver.run(tls: try await context(authority)) { receiver in
            try await RuntimeHarness.run(yaml(receiver.url, ""), secrets: secrets) { runtime in
                try await send(runtime)
                #expect(try await errorClass(runtime) == "tls")
            }
            try await RuntimeHarness.run(yaml(receiver.url, "{caRef: ca}"), secrets: secrets) { runtime in
                try await send(runtime)
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
            }
        }
    }

    @Test func `shows its certificate to a receiver that asks for one, and takes a rotated one`() async throws
    {
        let folder = try TestFolder()
        let authority = try await TestAuthority(in: folder)
        let (certificate, key) = try await authority.issue("client", subjectAltName: "DNS:client.test")
        let secrets = [
            "api-token": token, "signing": "s3cret", "ca": try text(authority.certificateFile),
            "cert": "not a certificate", "key": try text(key),
        ]
        let tls =
            "{caRef: ca, clientCertificateRef: cert, clientKeyRef: key}\n  retry: {initialBackoff: 100ms}"
        try await StubReceiver.run(tls: try await context(authority, asksClient: true)) { receiver in
            try await RuntimeHarness.run(yaml(receiver.url, "{caRef: ca}"), secrets: secrets) { runtime in
                try await send(runtime)
                #expect(["tls", "reset"].contains(try await errorClass(runtime)))
            }
            try await RuntimeHarness.run(yaml(receiver.url, tls), secrets: secrets) { runtime in
                try await send(runtime)
                #expect(try await errorClass(runtime) == "secret")
                try await runtime.setSecret("cert", try text(certificate))
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Event") == "ticket.created")
            }
        }
    }

    @Test func `waits while a certificate does not resolve`() async throws {
        let folder = try TestFolder()
        let authority = try await TestAuthority(in: folder)
        let secrets = ["api-token": token, "signing": "s3cret", "ca": ""]
        try await StubReceiver.run(tls: try await context(authority)) { receiver in
            try await RuntimeHarness.run(yaml(receiver.url, "{caRef: ca}"), secrets: secrets) { runtime in
                try await send(runtime)
                #expect(try await runtime.store.pendingDeliveries() == ["all": 1])
                try await runtime.setSecret("ca", try text(authority.certificateFile))
                #expect(try await receiver.requests.next().header("X-Zentra-Attempt") == "1")
            }
        }
    }
}
