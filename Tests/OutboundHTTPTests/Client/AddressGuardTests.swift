import OutboundHTTP
import Testing

/// The guard in front of real connections.
@Suite(.timeLimit(.minutes(5))) struct AddressGuardTests {
    private static let ok = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    private static let loopback = IPAddress.v4(0x7f00_0001)
    private static let other = IPAddress.v4(0x7f00_0002)

    /// Opens 127.0.0.1 but not the rest of loopback.
    private static let narrow = AddressPolicy(allowedNetworks: ["127.0.0.1/32"], allowsPlainHTTP: true)

    @Test(arguments: [
        "http://127.0.0.2:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
        "http://0.0.0.0:PORT/",
        "http://[::]:PORT/", "http://localhost:PORT/", "http://169.254.169.254/",
        "http://[64:ff9b::7f00:1]:PORT/",
    ])
    func `nothing connects to what is not open`(_ url: String) async throws {
        try await ScriptedServer.with(.always(Self.ok), host: "0.0.0.0") { server in
            let url = url.replacing("PORT", with: "\(server.port)")
            let resolver = StubResolver([.success([Self.other])])
            let outcome = try await withClient(policy: Self.narrow, resolver: resolver) {
                try await $0.post(url)
            }
            #expect(outcome.failure?.class == .blocked, "\(outcome)")
            #expect(server.record.connections == 0)
        }
    }

    @Test func `a name with one refused address is refused`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            let resolver = StubResolver([.success([Self.loopback, Self.other])])
            let outcome = try await withClient(policy: Self.narrow, resolver: resolver) {
                try await $0.post("http://mixed.test:\(server.port)/")
            }
            #expect(outcome.failure?.message == "`127.0.0.2` is a loopback address")
            #expect(server.record.connections == 0)
        }
    }

    @Test func `plain HTTP is refused before anything is resolved`() async throws {
        let resolver = StubResolver()
        let outcome = try await withClient(policy: AddressPolicy(), resolver: resolver) {
            try await $0.post("http://a.test/")
        }
        #expect(outcome.failure?.class == .blocked)
        #expect(resolver.names.isEmpty)
    }

    @Test func `a rebinding name is connected to where it was checked, or not at all`() async throws {
        try await ScriptedServer.with(.always(Self.ok), host: "0.0.0.0") { server in
            let resolver = StubResolver([.success([Self.loopback]), .success([Self.other])])
            var limits = ClientLimits.patient
            limits.resolutionLifetime = .zero
            try await withClient(limits: limits, policy: Self.narrow, resolver: resolver, group: singleLoop())
            { client in
                let first = try await client.post("http://rebind.test:\(server.port)/")
                #expect(first.response?.remote.address == Self.loopback)
                let second = try await client.post("http://rebind.test:\(server.port)/")
                #expect(second.failure?.class == .blocked)
            }
            #expect(resolver.names == ["rebind.test", "rebind.test"])
            #expect(server.record.connections == 1)
        }
    }

    @Test func `a name that moves gets a connection of its own`() async throws {
        try await ScriptedServer.with(.always(Self.ok), host: "0.0.0.0") { server in
            let resolver = StubResolver([
                .success([Self.loopback]), .success([Self.other]), .success([Self.loopback]),
            ])
            var limits = ClientLimits.patient
            limits.resolutionLifetime = .zero
            try await withClient(limits: limits, resolver: resolver, group: singleLoop()) { client in
                var seen: [(IPAddress?, Bool?)] = []
                for _ in 0..<3 {
                    let response = try await client.post("http://move.test:\(server.port)/").response
                    seen.append((response?.remote.address, response?.isConnectionReused))
                }
                #expect(seen.map(\.0) == [Self.loopback, Self.other, Self.loopback])
                #expect(seen.map(\.1) == [false, false, true])
            }
        }
    }

    @Test func `checked addresses are used for their lifetime`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            let resolver = StubResolver([.success([Self.loopback]), .success([Self.other])])
            try await withClient(policy: Self.narrow, resolver: resolver, group: singleLoop()) { client in
                for _ in 0..<3 {
                    let outcome = try await client.post("http://a.test:\(server.port)/")
                    #expect(outcome.response != nil)
                }
            }
            #expect(resolver.names == ["a.test"])
        }
    }

    @Test func `the next address is tried when one cannot be reached`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            let resolver = StubResolver([.success([Self.other, Self.loopback])])
            let outcome = try await withClient(resolver: resolver) {
                try await $0.post("http://two.test:\(server.port)/")
            }
            #expect(outcome.response?.remote.address == Self.loopback, "\(outcome)")
        }
    }

    @Test func `a redirect is not followed`() async throws {
        let answer = "HTTP/1.1 307 x\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        try await ScriptedServer.with(.always(.send(answer))) { server in
            let outcome = try await withClient(policy: Self.narrow) {
                try await $0.post("http://127.0.0.1:\(server.port)/")
            }
            #expect(outcome.response?.status == 307)
        }
    }
}
