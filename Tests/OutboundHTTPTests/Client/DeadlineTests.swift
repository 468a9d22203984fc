import NIOCore
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    /// Passes without effect on anything but the deadline.
    private static let short = Duration.milliseconds(200)
    /// Long enough for loopback on a busy machine.
    private static let ample = Duration.seconds(4)

    @Test(arguments: [
        [], [ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nX-A")], [.send("HTTP/1.1 100 Continue\r\n\r\n")],
    ])
    func `a head that does not come in time is a timeout`(_ steps: [ScriptedServer.Step]) async throws {
        try await ScriptedServer.with(.always(steps)) { server in
            let outcome = try await withClient {
                try await $0.post("http://127.0.0.1:\(server.port)/", timeout: Self.short)
            }
            #expect(outcome.failure?.class == .timeout)
        }
    }

    @Test func `the deadline covers the resolver`() async throws {
        let outcome = try await withClient(resolver: SilentResolver()) {
            try await $0.post("http://a.test/", timeout: Self.short)
        }
        #expect(outcome.failure?.class == .timeout)
    }

    @Test func `a resolver that does not answer is a failure of class dns`() async throws {
        var limits = ClientLimits.patient
        limits.resolveTimeout = Self.short
        let outcome = try await withClient(limits: limits, resolver: SilentResolver()) {
            try await $0.post("http://a.test/")
        }
        #expect(outcome.failure?.class == .dns)
    }

    @Test func `a name without addresses is a failure of class dns`() async throws {
        let resolver = StubResolver([.failure(ResolutionError("no such name")), .success([])])
        try await withClient(resolver: resolver, group: singleLoop()) { client in
            for _ in 0..<2 {
                let outcome = try await client.post("http://a.test/")
                #expect(outcome.failure?.class == .dns)
            }
        }
    }

    @Test func `a port where nobody listens is a failure of class connect`() async throws {
        let bound = try BoundPort()
        let outcome = try await withClient { try await $0.post("http://127.0.0.1:\(bound.port)/") }
        #expect(outcome.failure?.class == .connect)
        #expect(outcome.failure?.remote?.port == bound.port)
    }

    @Test func `a handshake that does not end is a failure of class tls`() async throws {
        var limits = ClientLimits.patient
        limits.connectTimeout = Self.ample
        try await ScriptedServer.with(ScriptedServer.Script()) { server in
            let outcome = try await withClient(limits: limits) {
                try await $0.post("https://127.0.0.1:\(server.port)/")
            }
            #expect(outcome.failure?.class == .tls)
        }
    }
}

/// Never answers.
private struct SilentResolver: AddressResolver {
    func resolve(
        _ name: String, completion: @escaping @Sendable (Result<[IPAddress], ResolutionError>) -> Void
    ) {}
    func shutdown() async {}
}
