import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization

@testable import Runtime

/// A receiver of webhooks that keeps what it gets.
struct StubReceiver: Sendable {
    struct Received: Sendable {
        let headers: HTTPFields
        let body: [UInt8]

        var json: JSONValue { get throws { try JSONValue(parsing: body) } }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    /// Requests in the order of their arrival.
    let requests: Signal<Received>
    let port: Int
    private var scheme = "http"

    var url: String { "\(scheme)://127.0.0.1:\(port)/hook" }

    /// Runs the body beside a receiver.
    ///
    /// - Parameter answer: the status for a request, by its number from 1.
    /// - Parameter text: the body of every answer.
    /// - Parameter tls: what it shows of itself; nil speaks plain HTTP.
    static func run<Value: Sendable>(
        answer: @escaping @Sendable (Int) async -> HTTPResponse.Status = { _ in .ok }, text: String = "",
        tls: NIOSSLContext? = nil,
        _ body: @escaping @Sendable (StubReceiver) async throws -> Value
    ) async throws -> Value {
        let requests = Signal<Received>()
        let listening = Signal<Int>()
        let counter = Counter()
        let router = Router()
        router.post("/hook") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 8 << 20)
            requests.send(Received(headers: request.headers, body: Array(bytes.readableBytesView)))
            return Response(
                status: await answer(counter.next()),
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        let context: (@Sendable () -> NIOSSLContext)? = tls.map(always)
        let logger = Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            router: router, server: .http1(tls: context),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { listening.send($0.localAddress?.port ?? 0) }, logger: logger)
        let group = ServiceGroup.bounded([application])
        // Not a child, which would be cancelled with a test at its time limit; see `RuntimeHarness`.
        let running = Task {
            defer { listening.end() }
            try await group.run()
        }
        let result: Result<Value, any Error>
        do {
            var receiver = StubReceiver(requests: requests, port: try await listening.next())
            if tls != nil { receiver.scheme = "https" }
            result = .success(try await body(receiver))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await running.value
        return try result.get()
    }
}

/// The same context for every connection.
private func always(_ context: NIOSSLContext) -> @Sendable () -> NIOSSLContext { { context } }

private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
