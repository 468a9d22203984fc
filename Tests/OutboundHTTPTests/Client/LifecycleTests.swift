import NIOCore
import NIOPosix
import OutboundHTTP
import Testing

@Suite(.timeLimit(.minutes(5))) struct LifecycleTests {
    private static let ok = ScriptedServer.Step.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    private func makeClient() throws -> OutboundClient {
        OutboundClient(
            group: .singletonMultiThreadedEventLoopGroup, policy: .loopback, tls: try TLSProfile(),
            resolver: StubResolver())
    }

    @Test func `a shut down client takes no requests`() async throws {
        let client = try makeClient()
        await client.shutdown(grace: .zero)
        #expect(try await client.post("http://127.0.0.1:1/").failure?.class == .connect)
    }

    @Test func `shutting down lets an exchange under way finish`() async throws {
        let signal = Signal()
        let script = ScriptedServer.Script(onRequest: { _, _, _ in
            signal.raise()
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), .later("ok")]
        })
        try await ScriptedServer.with(script) { server in
            let client = try makeClient()
            let url = "http://127.0.0.1:\(server.port)/"
            async let outcome = client.post(url)
            await signal.wait()
            await client.shutdown(grace: .seconds(30))
            #expect(try await outcome.response?.text == "ok")
        }
    }

    @Test func `after the grace period what is left is ended`() async throws {
        let signal = Signal()
        let script = ScriptedServer.Script(onRequest: { _, _, _ in
            signal.raise()
            return []
        })
        try await ScriptedServer.with(script) { server in
            let client = try makeClient()
            let url = "http://127.0.0.1:\(server.port)/"
            async let outcome = client.post(url)
            await signal.wait()
            await client.shutdown(grace: .milliseconds(10))
            #expect(try await outcome.failure?.class == .reset)
        }
    }

    @Test func `a cancelled task ends its exchange`() async throws {
        let signal = Signal()
        let script = ScriptedServer.Script(onRequest: { _, _, _ in
            signal.raise()
            return []
        })
        try await ScriptedServer.with(script) { server in
            try await withClient { client in
                let url = "http://127.0.0.1:\(server.port)/"
                let task = Task { try await client.post(url) }
                await signal.wait()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func `a task that is cancelled before it begins sends nothing`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient { client in
                let url = "http://127.0.0.1:\(server.port)/"
                let signal = Signal()
                let task = Task {
                    await signal.wait()
                    return try await client.post(url)
                }
                task.cancel()
                signal.raise()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(server.record.requests.isEmpty)
        }
    }

    @Test func `the completion runs on the event loop of the call`() async throws {
        try await ScriptedServer.with(.always(Self.ok)) { server in
            try await withClient { client in
                let target = try OutboundTarget("http://127.0.0.1:\(server.port)/")
                for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                    let isOnLoop = await withCheckedContinuation { continuation in
                        client.execute(RequestTemplate(target: target).request(), on: loop) { _ in
                            continuation.resume(returning: loop.inEventLoop)
                        }
                    }
                    #expect(isOnLoop)
                }
            }
        }
    }

    @Test func `the system resolver finds the machine itself`() async throws {
        let resolver = SystemResolver(threads: 1)
        let addresses = await withCheckedContinuation { continuation in
            resolver.resolve("localhost") { continuation.resume(returning: $0) }
        }
        #expect(try addresses.get().allSatisfy { $0.addressClass == .loopback })
        let nothing = await withCheckedContinuation { continuation in
            resolver.resolve("no-such-name.invalid") { continuation.resume(returning: $0) }
        }
        #expect(throws: ResolutionError.self) { try nothing.get() }
        await resolver.shutdown()
        let late = await withCheckedContinuation { continuation in
            resolver.resolve("localhost") { continuation.resume(returning: $0) }
        }
        #expect(throws: ResolutionError.self) { try late.get() }
    }
}
