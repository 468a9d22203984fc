import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Runtime
import ServiceLifecycle
import Store
import Synchronization
import UnixSignals

/// A webhook receiver for development.
final class Receiver: Sendable {
    private let secret: SecretValue?
    private let status: Int
    private let delay: Duration
    private let times: Int?
    private let printer: WebhookPrinter
    /// Requests so far, by delivery.
    private let seen = Mutex<[String: Int]>([:])

    /// A larger body is answered 413, in bytes.
    private static let bodyLimit = 8 << 20

    init(secret: SecretValue?, status: Int, delay: Duration, times: Int?, printer: WebhookPrinter) {
        self.secret = secret
        self.status = status
        self.delay = delay
        self.times = times
        self.printer = printer
    }

    /// Listens on loopback until the process is told to end.
    func run(port: Int) async throws {
        let quiet = Logger(label: "listen", factory: { _ in SwiftLogNoOpLogHandler() })
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                try await self.respond(to: request)
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                Console.standard.note("listening on http://127.0.0.1:\(channel.localAddress?.port ?? port)")
            },
            logger: quiet)
        let group = ServiceGroup(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        do {
            try await group.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw Failure(
                "cannot listen on 127.0.0.1:\(port): the port is in use",
                hint: "choose another one with --port")
        }
    }

    private func respond(to request: Request) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            return Response(status: .contentTooLarge)
        }
        let webhook = ReceivedWebhook(request, body: body, secret: secret)
        let answer = answer(to: webhook)
        printer.print(webhook, answer: answer)
        if delay > .zero { try await ContinuousClock().sleep(for: delay) }
        return Response(status: HTTPResponse.Status(code: answer))
    }

    private func answer(to webhook: ReceivedWebhook) -> Int {
        guard let times else { return status }
        let count = seen.withLock { seen in
            seen[webhook.deliveryID, default: 0] += 1
            return seen[webhook.deliveryID] ?? 0
        }
        return count <= times ? status : 200
    }
}
