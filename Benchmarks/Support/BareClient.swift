import AsyncHTTPClient
import Crypto
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The limit of deliveries: a loop that signs and posts with async-http-client, and stores nothing.
struct BareClient {
    /// Event loops, as the sidecar has.
    static let loops = 2

    /// Requests a second.
    ///
    /// - Parameter concurrency: requests under way.
    static func rate(url: String, count: Int, concurrency: Int) async throws -> Double {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let key = SymmetricKey(data: Array("a-secret-for-the-signatures".utf8))
        let body = BenchEvent.json(0)
        let next = Counter()
        let clock = ContinuousClock()
        let started = clock.now
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<concurrency {
                tasks.addTask {
                    while next.take() < count { try await post(body, to: url, key: key, client) }
                }
            }
            try await tasks.waitForAll()
        }
        let time = started.duration(to: clock.now).seconds
        try await client.shutdown()
        try await group.shutdownGracefully()
        return Double(count) / time
    }

    private final class Counter: Sendable {
        private let value = Atomic(0)

        func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
    }

    private static func post(
        _ body: [UInt8], to url: String, key: SymmetricKey, _ client: HTTPClient
    ) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "bench")
        request.headers.add(name: "X-Zentra-Event", value: "ticket.created")
        request.headers.add(
            name: "X-Zentra-Signature", value: hex(HMAC<SHA256>.authenticationCode(for: body, using: key)))
        request.body = .bytes(ByteBuffer(bytes: body))
        let response = try await client.execute(request, timeout: .seconds(30))
        guard response.status == .ok else {
            throw BenchmarkFailure("the receiver answered \(response.status)")
        }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
