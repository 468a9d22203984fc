import OutboundHTTP
import TestSupport
import Testing

struct AddressClassificationTests {
    @Test(
        arguments: [
            ("127.0.0.1", .loopback), ("127.255.0.9", .loopback), ("10.1.1.1", .private),
            ("172.31.255.255", .private),
            ("192.168.0.1", .private), ("169.254.1.1", .linkLocal), ("100.64.0.1", .carrierGradeNAT),
            ("0.1.2.3", .unspecified),
            ("192.0.0.8", .protocolAssignment), ("192.0.2.1", .documentation), ("198.18.0.1", .benchmarking),
            ("224.0.0.1", .multicast), ("250.0.0.1", .reserved), ("255.255.255.255", .broadcast),
            ("192.88.99.1", .relayAnycast),
            ("8.8.8.8", .global), ("::", .unspecified), ("::1", .loopback), ("fd12::1", .uniqueLocal),
            ("fe80::1", .linkLocal),
            ("fec0::1", .siteLocal), ("ff02::1", .multicast), ("2001:db8::1", .documentation),
            ("3fff::1", .documentation),
            ("2001:2::1", .benchmarking), ("100::1", .discardOnly), ("100:0:0:1::1", .dummy),
            ("5f00::1", .segmentRouting),
            ("2001:20::1", .orchid), ("2001:30::1", .identifier), ("2001:1::1", .protocolAssignment),
            ("4000::1", .reserved),
            ("::ffff:8.8.8.8", .ipv4Mapped), ("::8.8.8.8", .ipv4Compatible), ("2002:808:808::", .sixToFour),
            ("2001:0:808:808::", .teredo), ("64:ff9b::808:808", .nat64), ("64:ff9b:1::1", .localNAT64),
            ("2606:4700::1", .global), ("169.254.169.254", .metadata), ("fd00:ec2::254", .metadata),
            ("100.100.100.200", .metadata), ("168.63.129.16", .metadata), ("192.0.0.192", .metadata),
        ] as [(String, AddressClass)])
    func `names the class of an address`(_ text: String, _ expected: AddressClass) throws {
        #expect(try #require(IPAddress(text)).addressClass == expected)
    }

    @Test(arguments: [
        "64:ff9b::127.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:808:808::80ff:fffe",
        "2001:0:a00:1::f7f7:f7f7",
        "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b:1::808:808", "64:ff9b::a9fe:a9fe",
    ])
    func `a form that embeds an address that is not public is not public`(_ text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic == false)
    }

    @Test func `agrees with the registries over generated addresses`() {
        var generator = SeededRandom(seed: 2)
        let drawn = ReachabilityOracle.rows.flatMap { row in
            (0..<200).map { _ in Self.draw(row, using: &generator) }
        }
        #expect(drawn.filter(Self.disagrees).isEmpty)
    }

    @Test func `agrees with the registries over embedded addresses`() {
        var generator = SeededRandom(seed: 3)
        let rows = ReachabilityOracle.rows.filter { $0.prefix.count == 4 }
        let drawn = rows.flatMap { row in
            (0..<100).flatMap { _ in
                let other = rows[Int.random(in: 0..<rows.count, using: &generator)]
                return Self.forms(of: Self.draw(row, using: &generator), Self.draw(other, using: &generator))
            }
        }
        #expect(drawn.filter(Self.disagrees).isEmpty)
    }

    private static func disagrees(_ bytes: [UInt8]) -> Bool {
        guard let address = IPAddress(bytes: bytes) else { return true }
        if ([address] + address.embeddedIPv4).contains(where: { $0.addressClass == .metadata }) {
            return address.isPublic
        }
        return address.isPublic != ReachabilityOracle.isPublic(bytes)
    }

    /// An address in the range, at its edge, or just beside it.
    private static func draw(
        _ row: (prefix: [UInt8], bits: Int, verdict: ReachabilityOracle.Verdict),
        using generator: inout SeededRandom
    ) -> [UInt8] {
        var bytes = row.prefix
        let fill = Int.random(in: 0..<4, using: &generator)
        for bit in row.bits..<(bytes.count * 8) {
            let isSet = fill == 0 ? false : fill == 1 ? true : Bool.random(using: &generator)
            if isSet { bytes[bit / 8] |= 0x80 >> UInt8(bit % 8) }
        }
        if row.bits > 0, Int.random(in: 0..<4, using: &generator) == 0 {
            let bit = row.bits - 1 - Int.random(in: 0..<min(row.bits, 6), using: &generator)
            bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        }
        return bytes
    }

    private static func forms(of four: [UInt8], _ other: [UInt8]) -> [[UInt8]] {
        let zeros = { (count: Int) in [UInt8](repeating: 0, count: count) }
        return [
            zeros(10) + [0xff, 0xff] + four, zeros(12) + four, [0, 0x64, 0xff, 0x9b] + zeros(8) + four,
            [0, 0x64, 0xff, 0x9b, 0, 1] + zeros(6) + four, [0x20, 0x02] + four + zeros(10),
            [0x20, 0x01, 0, 0] + other + zeros(4) + four.map { ~$0 },
        ]
    }
}
