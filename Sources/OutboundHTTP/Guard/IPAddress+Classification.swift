extension IPAddress {
    /// Its class by its own number, whatever it embeds.
    package var addressClass: AddressClass {
        if SpecialPurposeRegistry.metadata.contains(self) { return .metadata }
        let table =
            switch self {
            case .v4: SpecialPurposeRegistry.v4
            case .v6: SpecialPurposeRegistry.v6
            }
        return table.first { $0.0.contains(self) }?.1 ?? .global
    }

    /// The IPv4 addresses that an IPv6 form carries and to which a translator or tunnel would deliver.
    ///
    /// Teredo carries two: the server, and the client with its bits inverted (RFC 4380, section 4).
    package var embeddedIPv4: [IPAddress] {
        guard case .v6(let bits) = self else { return [] }
        let low = UInt32(truncatingIfNeeded: bits)
        return switch addressClass {
        case .ipv4Mapped, .ipv4Compatible, .nat64: [.v4(low)]
        case .localNAT64: Self.localNAT64Candidates(bits)
        case .sixToFour: [.v4(UInt32(truncatingIfNeeded: bits >> 80))]
        case .teredo: [.v4(UInt32(truncatingIfNeeded: bits >> 64)), .v4(~low)]
        default: []
        }
    }

    /// A network operator chooses the prefix length below `64:ff9b:1::/48`, so each place of RFC 6052,
    /// section 2.2 may hold the address: after /48, /56, /64 (around the reserved bits 64 to 71), or at the
    /// end.
    private static func localNAT64Candidates(_ bits: UInt128) -> [IPAddress] {
        let withoutReserved = (bits >> 64) << 56 | bits & ((1 << 56) - 1)
        return [withoutReserved >> 40, withoutReserved >> 32, withoutReserved >> 24, bits]
            .map { .v4(UInt32(truncatingIfNeeded: $0)) }
    }

    /// Whether the public internet is behind it: a global address, or a transition form of nothing but such
    /// addresses.
    package var isPublic: Bool {
        switch addressClass {
        case .global: true
        case .sixToFour, .teredo, .nat64: embeddedIPv4.allSatisfy(\.isPublic)
        default: false
        }
    }
}
