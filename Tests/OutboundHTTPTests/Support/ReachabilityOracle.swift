/// IANA's special-purpose registries once more, as bytes and bit counts, read by code of its own: what the
/// guard says is compared with this. The longest prefix decides; an IPv6 address outside `2000::/3` without a
/// row is not public.
enum ReachabilityOracle {
    enum Verdict { case open, closed, asEmbedded }

    static func isPublic(_ bytes: [UInt8]) -> Bool {
        switch verdict(bytes) {
        case .open: true
        case .closed: false
        case .asEmbedded: embedded(bytes).allSatisfy(isPublic)
        }
    }

    /// The first address of each range and its prefix length, for drawing addresses around its edges.
    static let rows: [(prefix: [UInt8], bits: Int, verdict: Verdict)] = v4 + v6

    private static let v4: [(prefix: [UInt8], bits: Int, verdict: Verdict)] = [
        ([0, 0, 0, 0], 0, .open),
        ([0, 0, 0, 0], 8, .closed), ([10, 0, 0, 0], 8, .closed), ([100, 64, 0, 0], 10, .closed),
        ([127, 0, 0, 0], 8, .closed), ([169, 254, 0, 0], 16, .closed), ([172, 16, 0, 0], 12, .closed),
        ([192, 0, 0, 0], 24, .closed), ([192, 0, 2, 0], 24, .closed), ([192, 31, 196, 0], 24, .open),
        ([192, 52, 193, 0], 24, .open), ([192, 88, 99, 0], 24, .closed), ([192, 168, 0, 0], 16, .closed),
        ([192, 175, 48, 0], 24, .open), ([198, 18, 0, 0], 15, .closed), ([198, 51, 100, 0], 24, .closed),
        ([203, 0, 113, 0], 24, .closed), ([224, 0, 0, 0], 4, .closed), ([240, 0, 0, 0], 4, .closed),
        ([255, 255, 255, 255], 32, .closed), ([168, 63, 129, 16], 32, .closed),
    ]

    private static let v6: [(prefix: [UInt8], bits: Int, verdict: Verdict)] = [
        (six(), 0, .closed), (six(0x2000), 3, .open),
        (six(), 128, .closed), (six(0, 0, 0, 0, 0, 0, 0, 1), 128, .closed), (six(), 96, .closed),
        (six(0, 0, 0, 0, 0, 0xffff), 96, .closed), (six(0x64, 0xff9b), 96, .asEmbedded),
        (six(0x64, 0xff9b, 1), 48, .closed), (six(0x100), 64, .closed), (six(0x100, 0, 0, 1), 64, .closed),
        (six(0x2001), 23, .closed), (six(0x2001), 32, .asEmbedded), (six(0x2001, 2), 48, .closed),
        (six(0x2001, 3), 32, .open), (six(0x2001, 4, 0x112), 48, .open), (six(0x2001, 0x10), 28, .closed),
        (six(0x2001, 0x20), 28, .closed), (six(0x2001, 0x30), 28, .closed), (six(0x2001, 0xdb8), 32, .closed),
        (six(0x2002), 16, .asEmbedded), (six(0x2620, 0x4f, 0x8000), 48, .open), (six(0x3fff), 20, .closed),
        (six(0x5f00), 16, .closed), (six(0xfc00), 7, .closed), (six(0xfe80), 10, .closed),
        (six(0xfec0), 10, .closed), (six(0xff00), 8, .closed),
    ]

    private static func six(_ groups: UInt16...) -> [UInt8] {
        (groups + Array(repeating: 0, count: 8 - groups.count)).flatMap {
            [UInt8($0 >> 8), UInt8($0 & 0xff)]
        }
    }

    private static func verdict(_ bytes: [UInt8]) -> Verdict {
        let matching = rows.filter { $0.prefix.count == bytes.count && share($0.prefix, bytes, $0.bits) }
        return matching.max { $0.bits < $1.bits }?.verdict ?? .closed
    }

    private static func share(_ left: [UInt8], _ right: [UInt8], _ bits: Int) -> Bool {
        (0..<bits).allSatisfy { bit in
            let mask: UInt8 = 0x80 >> UInt8(bit % 8)
            return left[bit / 8] & mask == right[bit / 8] & mask
        }
    }

    private static func embedded(_ bytes: [UInt8]) -> [[UInt8]] {
        switch (bytes[0], bytes[1]) {
        case (0x20, 0x02): [Array(bytes[2..<6])]
        case (0x20, 0x01): [Array(bytes[4..<8]), bytes[12..<16].map { ~$0 }]
        default: [Array(bytes[12..<16])]
        }
    }
}
