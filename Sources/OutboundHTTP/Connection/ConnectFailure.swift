import NIOCore
import NIOSSL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why no connection came about.
struct ConnectFailure: Error {
    let kind: OutboundFailure.Class
    let message: String
    /// How long the steps took, the one that failed included.
    var timing = ExchangeTiming()

    init(_ kind: OutboundFailure.Class, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Puts an error before the handshake into words.
    init(tcp error: any Error) {
        self = error as? ConnectFailure ?? ConnectFailure(.connect, Self.text(error))
    }

    /// Puts an error of the TLS handshake into words.
    init(tls error: any Error) {
        self = error as? ConnectFailure ?? ConnectFailure(.tls, Self.tlsText(error))
    }

    /// An error as it may stand in a log.
    static func text(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout: "timed out"
        case ChannelError.eof, ChannelError.alreadyClosed, ChannelError.inputClosed:
            "the receiver closed the connection"
        default: "\(error)"
        }
    }

    private static func tlsText(_ error: any Error) -> String {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "the certificate is not for this host"
        }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "the certificate is not trusted" }
        if case NIOSSLError.uncleanShutdown = error {
            return "the receiver closed the connection in the handshake"
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "the receiver does not speak TLS"
        }
        return Self.text(error)
    }
}
