import Foundation
import NIOSSL
import OutboundHTTP
import TestSupport

/// Certificates made for one test, in a folder that is deleted with this object.
final class TestCertificates: Sendable {
    private let folder: TestFolder
    private let issuer: TestAuthority

    init() async throws {
        folder = try TestFolder()
        issuer = try await TestAuthority(in: folder)
    }

    var authority: [UInt8] { get throws { try read(issuer.certificateFile) } }

    /// A certificate of our authority (or its own) and its key, as PEM.
    func issue(
        _ name: String, subjectAltName: String, days: Int = 30, selfSigned: Bool = false
    ) async throws -> (chain: [UInt8], key: [UInt8]) {
        let files = try await issuer.issue(
            name, subjectAltName: subjectAltName, days: days, selfSigned: selfSigned)
        return (try read(files.certificateFile), try read(files.keyFile))
    }

    /// A server's context; `asksClient` makes it ask for a client certificate.
    func serverContext(
        _ name: String, subjectAltName: String, days: Int = 30, selfSigned: Bool = false,
        asksClient: Bool = false
    ) async throws -> NIOSSLContext {
        let (chain, key) = try await issue(
            name, subjectAltName: subjectAltName, days: days, selfSigned: selfSigned)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
        if asksClient {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try authority))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private func read(_ file: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: file)))
    }
}
