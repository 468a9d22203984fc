import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Runtime

struct ConnectionLimitTests {
    private static let request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test(.timeLimit(.minutes(5)))
    func `a connection beyond the bound waits until another one ends`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.maxConnections = 1
        try await RuntimeHarness.run(setup: setup) { (runtime) async throws in
            let port = runtime.port
            let first = try Line(port: port)
            try first.ask(Self.request)
            let hasEnded = Mutex(false)
            async let second = {
                let answers = try await Conversation.hold([Self.request], port: port)
                return (answers.map(\.status), hasEnded.withLock(\.self))
            }()
            for _ in 0..<100 { try first.ask(Self.request) }
            hasEnded.withLock { $0 = true }
            first.end()
            let (statuses, wasEnded) = try await second
            #expect(statuses == ["200"])
            #expect(wasEnded, "answered beside the first one")
        }
    }

    /// A connection that stays open between its requests.
    private struct Line {
        private let connection: Int32

        init(port: Int) throws {
            connection = try #require(LoopbackListener.connect(port: port))
        }

        /// Returns when the answer begins.
        func ask(_ request: String) throws {
            let bytes = Array(request.utf8)
            try #require(send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
            var buffer = [UInt8](repeating: 0, count: 4096)
            try #require(recv(connection, &buffer, buffer.count, 0) > 0)
        }

        func end() { close(connection) }
    }
}
