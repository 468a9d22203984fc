import NIOCore

/// What all parts of a client share.
struct ClientSettings: Sendable {
    let limits: ClientLimits
    let policy: AddressPolicy
    let defaultTLS: TLSProfile

    /// How long a connection may stay idle. What the receiver announces is taken with a second's margin, so that it
    /// rarely closes the connection just when it is used again.
    func idleTime(announcedSeconds: Int?) -> TimeAmount {
        let own = TimeAmount(limits.idleTimeout)
        guard let announcedSeconds else { return own }
        return min(own, .seconds(Int64(max(0, min(announcedSeconds, 86_400) - 1))))
    }
}
