import OutboundHTTP
import Testing

struct AddressPolicyTests {
    private func objection(_ address: String, _ policy: AddressPolicy, port: Int = 443) throws -> String? {
        policy.objection(to: try #require(IPAddress(address)), port: port)?.description
    }

    @Test(arguments: [
        ("10.0.0.7", "`10.0.0.7` is a private address"),
        ("169.254.169.254", "`169.254.169.254` reaches a cloud metadata address"),
        (
            "::ffff:127.0.0.1",
            "`::ffff:127.0.0.1` is an IPv4-mapped address that embeds `127.0.0.1`, a loopback address"
        ),
        (
            "64:ff9b::10.0.0.1",
            "`64:ff9b::a00:1` is a NAT64 address that embeds `10.0.0.1`, a private address"
        ),
        ("fe80::1", "`fe80::1` is a link-local address"),
    ])
    func `a refusal names the address and its class`(_ address: String, _ text: String) throws {
        #expect(try objection(address, AddressPolicy()) == text)
    }

    @Test(arguments: ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "2002:808:808::1"])
    func `public addresses are open`(_ address: String) throws {
        #expect(try objection(address, AddressPolicy()) == nil)
    }

    @Test func `an allowed network opens its range only`() throws {
        let policy = AddressPolicy(allowedNetworks: ["10.0.0.0/8"])
        #expect(try objection("10.200.0.1", policy) == nil)
        #expect(try objection("192.168.0.1", policy) != nil)
        #expect(try objection("::ffff:10.200.0.1", policy) != nil)
    }

    @Test(arguments: [
        "169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "2001:0:a9fe:a9fe::", "64:ff9b:1::169.254.169.254",
        "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe::",
    ])
    func `metadata needs its own address in the list`(_ address: String) throws {
        let wide = AddressPolicy(allowedNetworks: ["0.0.0.0/0", "::/0"])
        #expect(try objection(address, wide)?.contains("metadata") == true)
        let own = try #require(IPAddress(address))
        let exact = AddressPolicy(allowedNetworks: [CIDR(network: own, length: own.width)])
        #expect(try objection(address, exact) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("127.0.0.1", "::ffff:127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("0.0.0.0", "127.8.8.8"), ("0.0.0.0", "192.0.2.10"), ("::", "127.0.0.1"), ("::", "::1"),
        ("::", "192.0.2.10"),
        ("192.0.2.10", "192.0.2.10"), ("::1", "::"),
    ])
    func `our own listener needs its own address in the list`(_ listener: String, _ address: String) throws {
        let own = OwnListener(address: try #require(IPAddress(listener)), port: 8080)
        var policy = AddressPolicy(
            allowedNetworks: ["0.0.0.0/0", "::/0"], ownListeners: [own],
            machineAddresses: [try #require(IPAddress("192.0.2.10"))])
        #expect(try objection(address, policy, port: 8080)?.contains("listener of this process") == true)
        #expect(try objection(address, policy, port: 8081) == nil)
        let target = try #require(IPAddress(address))
        policy.allowedNetworks.append(CIDR(network: target, length: target.width))
        #expect(try objection(address, policy, port: 8080) == nil)
    }

    @Test func `another receiver beside our own listener is open`() throws {
        let own = OwnListener(address: try #require(IPAddress("127.0.0.1")), port: 8080)
        let policy = AddressPolicy(allowedNetworks: ["127.0.0.0/8"], ownListeners: [own])
        #expect(try objection("127.0.0.2", policy, port: 8080) == nil)
    }

    @Test func `plain HTTP must be allowed`() throws {
        let target = try OutboundTarget("http://example.com/")
        #expect(AddressPolicy().objection(to: target) == .plainHTTP)
        #expect(AddressPolicy(allowsPlainHTTP: true).objection(to: target) == nil)
        #expect(AddressPolicy().objection(to: try OutboundTarget("https://example.com/")) == nil)
    }

    @Test func `a literal is judged without a resolver`() throws {
        #expect(AddressPolicy().objection(to: try OutboundTarget("https://[::1]/")) != nil)
        #expect(AddressPolicy().objection(to: try OutboundTarget("https://9.9.9.9/")) == nil)
    }

    @Test func `one refused address taints the others`() throws {
        let addresses = try ["9.9.9.9", "127.0.0.1"].map { try #require(IPAddress($0)) }
        #expect(
            AddressPolicy().objection(to: addresses, port: 443)?.description.contains("127.0.0.1") == true)
    }
}
