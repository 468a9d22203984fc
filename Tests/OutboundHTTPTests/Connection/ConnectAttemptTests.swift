import NIOCore
import Testing

@testable import OutboundHTTP

@Suite(.timeLimit(.minutes(5))) struct ConnectAttemptTests {
    @Test func `a channel is writable when nothing waits to be written, and only then`() async throws {
        let settings = ClientSettings(
            limits: .patient, policy: .loopback, defaultTLS: try sharedProfile.get(), proxy: nil)
        try await ScriptedServer.with(ScriptedServer.Script()) { server in
            let loop = singleLoop().next()
            let remote = RemoteAddress(address: .v4(0x7f00_0001), port: server.port)
            let connected = loop.makePromise(of: (any Channel).self)
            loop.execute {
                let key = PoolKey(remote: remote, tls: nil, tunnel: nil)
                let attempt = ConnectAttempt(key: key, timeout: .minutes(1), settings: settings, loop: loop) {
                    _, result in
                    connected.completeWith(result.map(\.0).mapError { $0 as any Error })
                }
                attempt.start()
            }
            let channel = try await connected.futureResult.get()
            let whileWaiting = try await loop.submit {
                channel.write(ByteBuffer(string: "GE"), promise: nil)
                return channel.isWritable
            }
            .get()
            try await channel.writeAndFlush(ByteBuffer(string: "T"))
            #expect(!whileWaiting)
            #expect(channel.isWritable)
            try await channel.close()
        }
    }
}
