import OutboundHTTP
import Testing

struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("192.168.1.7/32", "192.168.1.7", "192.168.1.8"),
        ("fd00::/8", "fdff::1", "fe00::"), ("0.0.0.0/0", "255.255.255.255", "::"),
        ("::/0", "ffff::", "1.2.3.4"),
        ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
    ])
    func `holds what shares its prefix`(_ text: String, _ inside: String, _ outside: String) throws {
        let network = try CIDR(parsing: text)
        #expect(network.description == text)
        #expect(network.contains(try #require(IPAddress(inside))))
        #expect(!network.contains(try #require(IPAddress(outside))))
    }

    @Test(arguments: [
        "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/8/8", "::/129",
        "a/8", "10/8",
    ])
    func `refuses what is not a network`(_ text: String) {
        #expect(throws: OutboundError.self) { try CIDR(parsing: text) }
    }

    @Test func `suggests the network of an address inside`() {
        #expect { try CIDR(parsing: "10.1.2.3/8") } throws: { "\($0)".contains("did you mean `10.0.0.0/8`") }
    }
}
