import Foundation
import NIOSSL
import OutboundHTTP

/// Certificates made with `openssl` for one test, in a folder that is deleted with this object.
final class TestCertificates: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "outbound-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=test-ca"
        )
    }

    deinit {
        do { try FileManager.default.removeItem(at: folder) } catch {
            print("cannot delete \(folder.path): \(error)")
        }
    }

    var authority: [UInt8] { get throws { try read("ca.pem") } }

    /// A certificate of our authority (or its own) and its key, as PEM.
    func issue(_ name: String, subjectAltName: String, days: Int = 30, selfSigned: Bool = false) throws -> (
        chain: [UInt8], key: [UInt8]
    ) {
        try openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(name)"
        )
        try Data("subjectAltName=\(subjectAltName)\n".utf8).write(to: folder.appending(path: "\(name).ext"))
        let signer = selfSigned ? "-signkey \(name).key" : "-CA ca.pem -CAkey ca.key -CAcreateserial"
        // An end before the start of validity stands for the past: `-days` takes negative numbers.
        try openssl("x509 -req -in \(name).csr \(signer) -out \(name).pem -days \(days) -extfile \(name).ext")
        return (try read("\(name).pem"), try read("\(name).key"))
    }

    /// A server's context; `clientAuthority` makes it ask for a client certificate.
    func serverContext(
        _ name: String, subjectAltName: String, days: Int = 30, selfSigned: Bool = false,
        asksClient: Bool = false
    ) throws -> NIOSSLContext {
        let (chain, key) = try issue(name, subjectAltName: subjectAltName, days: days, selfSigned: selfSigned)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
        if asksClient {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try authority))
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLError(arguments: arguments) }
    }
}

struct OpenSSLError: Error {
    let arguments: String
}
