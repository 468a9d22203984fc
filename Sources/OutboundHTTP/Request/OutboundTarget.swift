/// Where requests go: a URL, parsed and checked once, and the TLS identity to use there.
///
/// A reference, so that a request carries one pointer; immutable.
package final class OutboundTarget: Sendable {
    package enum Scheme: String, Sendable { case http, https }

    package let scheme: Scheme
    package let host: TargetHost
    package let port: Int
    /// Path and query, at least `/`; without the fragment, which is never sent.
    package let pathAndQuery: String
    /// `nil`: the client's own identity.
    package let tls: TLSProfile?
    /// The host, and the port unless it is the scheme's own; the value of `Host`.
    package let authority: String

    /// Reads an absolute `http:` or `https:` URL (RFC 3986, ASCII only).
    ///
    /// - Throws: `OutboundError`; its text holds neither userinfo nor path nor query.
    package init(_ url: String, tls: TLSProfile? = nil) throws {
        let parts = try URLParts(url)
        scheme = parts.scheme
        host = try TargetHost(parsing: parts.host)
        port = try parts.port ?? parts.scheme.defaultPort
        pathAndQuery = try parts.pathAndQuery
        authority = host.text + (port == parts.scheme.defaultPort ? "" : ":\(port)")
        self.tls = tls
    }

    var originKey: OriginKey { OriginKey(scheme: scheme, host: host, port: port, tls: tls) }

    /// Scheme and authority, the part that may be shown.
    package var origin: String { "\(scheme.rawValue)://\(authority)" }
}

extension OutboundTarget.Scheme {
    package var defaultPort: Int {
        switch self {
        case .http: 80
        case .https: 443
        }
    }
}
