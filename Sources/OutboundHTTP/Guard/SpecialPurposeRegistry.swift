/// The address ranges that are not ordinary public unicast, from IANA's registries of special-purpose IPv4
/// and IPv6 addresses (RFC 6890 and its successors), of IPv4 and IPv6 address space, and the clouds' metadata
/// services.
///
/// Entries that IANA calls globally reachable stay public, with two exceptions on the safe side: the anycast
/// addresses inside `192.0.0.0/24` and `2001:1::/32` answer from the nearest gateway, and ORCHIDs and drone
/// ids are names of hosts, not places.
package enum SpecialPurposeRegistry {
    /// The narrowest range that holds an address decides: rows are in that order.
    static let v4: [(CIDR, AddressClass)] = [
        ("255.255.255.255/32", .broadcast),  // RFC 8190
        ("192.0.0.0/24", .protocolAssignment),  // RFC 6890
        ("192.0.2.0/24", .documentation),  // RFC 5737
        ("192.88.99.0/24", .relayAnycast),  // RFC 7526
        ("198.51.100.0/24", .documentation),
        ("203.0.113.0/24", .documentation),
        ("169.254.0.0/16", .linkLocal),  // RFC 3927
        ("192.168.0.0/16", .private),  // RFC 1918
        ("198.18.0.0/15", .benchmarking),  // RFC 2544
        ("172.16.0.0/12", .private),
        ("100.64.0.0/10", .carrierGradeNAT),  // RFC 6598
        ("0.0.0.0/8", .unspecified),  // RFC 791
        ("10.0.0.0/8", .private),
        ("127.0.0.0/8", .loopback),  // RFC 1122
        ("224.0.0.0/4", .multicast),  // RFC 5771
        ("240.0.0.0/4", .reserved),  // RFC 1112
    ]

    /// As `v4`; `::/0` makes everything outside `2000::/3` that is not named reserved.
    static let v6: [(CIDR, AddressClass)] = [
        ("::/128", .unspecified),  // RFC 4291
        ("::1/128", .loopback),
        ("::ffff:0:0/96", .ipv4Mapped),
        ("64:ff9b::/96", .nat64),  // RFC 6052
        ("::/96", .ipv4Compatible),
        ("100::/64", .discardOnly),  // RFC 6666
        ("100:0:0:1::/64", .dummy),  // RFC 9780
        ("64:ff9b:1::/48", .localNAT64),  // RFC 8215
        ("2001:2::/48", .benchmarking),  // RFC 5180
        ("2001:4:112::/48", .global),  // AS112, RFC 7535
        ("2001::/32", .teredo),  // RFC 4380
        ("2001:3::/32", .global),  // AMT, RFC 7450
        ("2001:db8::/32", .documentation),  // RFC 3849
        ("2001:10::/28", .orchid),  // RFC 4843
        ("2001:20::/28", .orchid),  // RFC 7343
        ("2001:30::/28", .identifier),  // RFC 9374
        ("2001::/23", .protocolAssignment),  // RFC 2928
        ("3fff::/20", .documentation),  // RFC 9637
        ("2002::/16", .sixToFour),  // RFC 3056
        ("5f00::/16", .segmentRouting),  // RFC 9602
        ("fe80::/10", .linkLocal),  // RFC 4291
        ("fec0::/10", .siteLocal),  // RFC 3879
        ("ff00::/8", .multicast),
        ("fc00::/7", .uniqueLocal),  // RFC 4193
        ("2000::/3", .global),
        ("::/0", .reserved),
    ]

    /// Services that hand out credentials to whoever reaches them from inside a cloud.
    static let metadata: Set<IPAddress> = Set(
        [
            "169.254.169.254",  // AWS, Azure, Google Cloud, OpenStack and most others
            "169.254.169.253",  // AWS: resolver
            "169.254.169.250", "169.254.169.251",  // Rancher; AWS: licences
            "169.254.170.2", "169.254.170.23",  // AWS: container and pod credentials
            "169.254.42.42",  // Scaleway
            "169.254.0.23",  // Tencent Cloud
            "100.100.100.200",  // Alibaba Cloud
            "168.63.129.16",  // Azure: host agent, a public address by number
            "192.0.0.192",  // Oracle Cloud
            "fd00:ec2::254", "fd00:ec2::253", "fd00:ec2::23",  // AWS
            "fd20:ce::254",  // Google Cloud
            "fd00:42::42",  // Scaleway
            "fd00:a9fe:a9fe::254", "fe80::a9fe:a9fe",  // OpenStack and its relatives
        ].map { (text: String) in
            guard let address = IPAddress(text) else { preconditionFailure("`\(text)` is not an address") }
            return address
        })
}
