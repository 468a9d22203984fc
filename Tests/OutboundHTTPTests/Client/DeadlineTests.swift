import NIOCore
import OutboundHTTP
import Testing

struct DeadlineTests {
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

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ])
    func `a head in time counts, the body is cut`(_ answer: String) async throws {
        try await ScriptedServer.with(.always(.send(answer))) { server in
            let outcome = try await withClient {
                try await $0.post("http://127.0.0.1:\(server.port)/", timeout: Self.ample)
            }
            #expect(outcome.response?.status == 200)
            #expect(outcome.response?.text == "hello")
            #expect(outcome.response?.truncation == .deadline)
        }
    }

    @Test func `the deadline covers the resolver`() async throws {
        let outcome = try await withClient(resolver: SilentResolver()) {
            try await $0.post("http://a.test/", timeout: Self.short)
        }
        #expect(outcome.failure?.class == .timeout)
    }

    @Test func `a resolver that does not answer is a failure of class dns`() async throws {
        var limits = ClientLimits()
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
        let port = try await ScriptedServer.with(ScriptedServer.Script()) { $0.port }
        let outcome = try await withClient { try await $0.post("http://127.0.0.1:\(port)/") }
        #expect(outcome.failure?.class == .connect)
        #expect(outcome.failure?.remote?.port == port)
    }

    @Test func `a handshake that does not end is a failure of class tls`() async throws {
        var limits = ClientLimits()
        limits.connectTimeout = Self.ample
        try await ScriptedServer.with(ScriptedServer.Script()) { server in
            let outcome = try await withClient(limits: limits) {
                try await $0.post("https://127.0.0.1:\(server.port)/")
            }
            #expect(outcome.failure?.class == .tls)
        }
    }

    @Test func `a deadline on a connection does not outlive its exchange`() async throws {
        let script = ScriptedServer.Script(onRequest: { _, request, _ in
            request < 2 ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")] : []
        })
        try await ScriptedServer.with(script) { server in
            try await withClient(group: singleLoop()) { client in
                let url = "http://127.0.0.1:\(server.port)/"
                for timeout in [.seconds(60), Self.ample] {
                    let answered = try await client.post(url, timeout: timeout)
                    #expect(answered.response?.status == 200)
                }
                let unanswered = try await client.post(url, timeout: Self.short)
                #expect(unanswered.failure?.class == .timeout)
            }
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
