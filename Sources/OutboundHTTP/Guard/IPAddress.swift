/// An IPv4 or IPv6 address as a number, without port and without zone.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// `0.0.0.0` or `::`, with which a listener means all of the machine's addresses.
    package var isUnspecified: Bool {
        switch self {
        case .v4(let bits): bits == 0
        case .v6(let bits): bits == 0
        }
    }

    /// The number of bits: 32 or 128.
    package var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }
}

// MARK: - Bytes

extension IPAddress {
    /// Reads 4 or 16 bytes in network order; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .v6(bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let bits): (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * UInt32($0))) }
        case .v6(let bits): (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * UInt128($0))) }
        }
    }
}
