/// What makes two connections interchangeable: the checked address, and with TLS whom the certificate names
/// and as whom we appear.
struct PoolKey: Hashable {
    struct TLSIdentity: Hashable {
        /// `nil` for an address, which the certificate must hold itself.
        let serverName: String?
        let profile: TLSProfile
    }

    /// The target's address, or the proxy's.
    let remote: RemoteAddress
    let tls: TLSIdentity?
    /// The target's host and port when a proxy makes a tunnel to it.
    let tunnel: String?
}

/// What makes two requests use the same set of checked addresses.
struct OriginKey: Hashable {
    let scheme: OutboundTarget.Scheme
    let host: TargetHost
    let port: Int
    /// `nil`: the client's own.
    let tls: TLSProfile?

    /// Hosts with their ports tell nearly all apart.
    func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }
}
