import NIOCore
import NIOSSL

/// Whom we trust and as whom we appear in TLS: the system's roots, further ones, and perhaps a client
/// certificate.
///
/// Two connections are interchangeable only if they use the same profile object, so make one for each
/// configuration and keep it; a rotated certificate is a new profile. The peer's certificate and name are
/// always verified.
package final class TLSProfile: Sendable {
    let context: NIOSSLContext
    /// The only certificate that is accepted, whatever name it has; nil for those that a trusted authority issued.
    let pinned: NIOSSLCertificate?

    /// Reads the PEM texts and the system's roots; too slow for an event loop.
    ///
    /// - Parameters:
    ///   - roots: PEM, one or more certificates, trusted instead of the system's roots.
    ///   - additionalRoots: PEM, one or more certificates, trusted besides the system's roots.
    ///   - clientCertificate: PEM, the leaf first; needs `clientKey`.
    ///   - clientKey: PEM without a passphrase.
    ///   - pinned: PEM, the leaf first; the peer has to show exactly that leaf.
    /// - Throws: `OutboundError` that names which text is unusable, never its content.
    package init(
        roots: [UInt8]? = nil, additionalRoots: [UInt8]? = nil, clientCertificate: [UInt8]? = nil,
        clientKey: [UInt8]? = nil, pinned: [UInt8]? = nil
    ) throws {
        guard (clientCertificate == nil) == (clientKey == nil) else {
            throw OutboundError(.tls, "a client certificate and its key must be given together")
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .seconds(1)
        configuration.applicationProtocols = ["http/1.1"]
        if let roots { configuration.trustRoots = .certificates(try Self.certificates(roots, "the CA")) }
        if let additionalRoots {
            configuration.additionalTrustRoots = [
                .certificates(try Self.certificates(additionalRoots, "the CA"))
            ]
        }
        if let clientCertificate, let clientKey {
            configuration.certificateChain = try Self.certificates(
                clientCertificate, "the client certificate"
            )
            .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try Self.reading("the client key") { try NIOSSLPrivateKey(bytes: clientKey, format: .pem) })
        }
        self.pinned = try pinned.flatMap { try Self.certificates($0, "the pinned certificate").first }
        context = try Self.reading("the TLS configuration") {
            try NIOSSLContext(configuration: configuration)
        }
    }

    /// The handler of one connection.
    func handler(serverName: String?) throws -> NIOSSLClientHandler {
        guard let pinned else {
            return try NIOSSLClientHandler(context: context, serverHostname: serverName)
        }
        // In place of the chain and the name, which say nothing about a certificate that is known.
        return try NIOSSLClientHandler(
            context: context, serverHostname: serverName,
            customVerificationCallback: { certificates, promise in
                promise.succeed(certificates.first == pinned ? .certificateVerified : .failed)
            })
    }

    private static func certificates(_ pem: [UInt8], _ what: String) throws -> [NIOSSLCertificate] {
        let certificates = try reading(what) { try NIOSSLCertificate.fromPEMBytes(pem) }
        guard !certificates.isEmpty else { throw OutboundError(.tls, "\(what) holds no certificate") }
        return certificates
    }

    private static func reading<T>(_ what: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch {
            throw OutboundError(.tls, "cannot use \(what): it is not valid PEM or does not match")
        }
    }
}

extension TLSProfile: Hashable {
    package static func == (left: TLSProfile, right: TLSProfile) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
