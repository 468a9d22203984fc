import NIOCore

/// What all parts of a client share.
struct ClientSettings: Sendable {
    let limits: ClientLimits
    let policy: AddressPolicy
    let defaultTLS: TLSProfile
    let proxy: OutboundProxy?

    /// Why a target is refused before its name is resolved, or `nil`. A proxy guards addresses in our place.
    func objection(to target: OutboundTarget) -> AddressPolicy.Objection? {
        let objection = policy.objection(to: target)
        return proxy == nil || objection == .plainHTTP ? objection : nil
    }

    /// Why a connection is refused, or `nil`. Where the proxy is was decided by the operator.
    func objection(to addresses: [IPAddress], port: Int) -> AddressPolicy.Objection? {
        proxy == nil ? policy.objection(to: addresses, port: port) : nil
    }

    /// How long a connection may stay idle. What the receiver announces is taken with a second's margin, so
    /// that it rarely closes the connection just when it is used again.
    func idleTime(announcedSeconds: Int?) -> TimeAmount {
        let own = TimeAmount(limits.idleTimeout)
        guard let announcedSeconds else { return own }
        return min(own, .seconds(Int64(max(0, min(announcedSeconds, 86_400) - 1))))
    }
}
