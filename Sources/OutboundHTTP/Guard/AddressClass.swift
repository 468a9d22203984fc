/// What kind of address it is, as far as that decides whether the public internet is behind it.
package enum AddressClass: String, Hashable, Sendable, CaseIterable {
    case global
    case unspecified, loopback, `private`, linkLocal, siteLocal, uniqueLocal, carrierGradeNAT
    case metadata, protocolAssignment, documentation, benchmarking, multicast, reserved, broadcast
    case relayAnycast, discardOnly, dummy, orchid, identifier, segmentRouting
    case ipv4Mapped, ipv4Compatible, sixToFour, teredo, nat64, localNAT64

    /// The words of a message, with an article where one is needed: `10.0.0.1 is a private address`.
    package var phrase: String {
        switch self {
        case .global: "a public address"
        case .unspecified: "the unspecified address range"
        case .loopback: "a loopback address"
        case .private: "a private address"
        case .linkLocal: "a link-local address"
        case .siteLocal: "a site-local address"
        case .uniqueLocal: "a unique local address"
        case .carrierGradeNAT: "a carrier-grade NAT address"
        case .metadata: "a cloud metadata address"
        case .protocolAssignment: "an address of IETF protocol assignments"
        case .documentation: "a documentation address"
        case .benchmarking: "a benchmarking address"
        case .multicast: "a multicast address"
        case .reserved: "a reserved address"
        case .broadcast: "the broadcast address"
        case .relayAnycast: "a 6to4 relay anycast address"
        case .discardOnly: "a discard-only address"
        case .dummy: "a dummy address"
        case .orchid: "an ORCHID identifier"
        case .identifier: "a drone remote id"
        case .segmentRouting: "a segment routing identifier"
        case .ipv4Mapped: "an IPv4-mapped address"
        case .ipv4Compatible: "an IPv4-compatible address"
        case .sixToFour: "a 6to4 address"
        case .teredo: "a Teredo address"
        case .nat64: "a NAT64 address"
        case .localNAT64: "a local NAT64 address"
        }
    }
}
