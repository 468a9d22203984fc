import HTTPTypes
import Hummingbird
import JSON
import Logging
import ServiceLifecycle

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

    var url: String { "http://127.0.0.1:\(port)/hook" }

    /// Runs the body beside a receiver that answers every request with `status`.
    static func run<Value: Sendable>(
        status: HTTPResponse.Status = .ok, _ body: @escaping @Sendable (StubReceiver) async throws -> Value
    ) async throws -> Value {
        let requests = Signal<Received>()
        let listening = Signal<Int>()
        let router = Router()
        router.post("/hook") { request, _ -> Response in
            let bytes = try await request.body.collect(upTo: 8 << 20)
            requests.send(Received(headers: request.headers, body: Array(bytes.readableBytesView)))
            return Response(status: status)
        }
        let logger = Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { listening.send($0.localAddress?.port ?? 0) }, logger: logger)
        let group = ServiceGroup(services: [application], logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let receiver = StubReceiver(requests: requests, port: try await listening.next())
            let result: Result<Value, any Error>
            do { result = .success(try await body(receiver)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }
}
