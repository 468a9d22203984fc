import HTTPTypes
import Hummingbird
import Logging
import NIOCore
package import OutboundHTTP
import ServiceLifecycle

/// One listener and its routes, on Hummingbird.
package struct APIServer: Service {
    package struct Configuration: Sendable {
        package var host: String
        package var port: Int
        /// How long a client may take to send a body.
        package var bodyTimeout = Duration.seconds(30)
        /// How long a client may keep a connection on which it asks nothing; it is closed after once to twice that time.
        package var idleTimeout = Duration.seconds(75)
        /// Connections at a time; more wait until another one ends.
        package var maxConnections = 8192
        /// TLS, if there is any.
        package var identity: ServerIdentity?
        /// Whose `X-Forwarded-For` is believed.
        package var trustedProxies: [CIDR] = []
        /// Whether a listener on loopback answers only to addresses and `localhost`. Without tokens, a page in a browser
        /// on this machine could otherwise read it under a name of its own that it points at loopback.
        package var checksHost = false

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        var isLoopback: Bool { host == "localhost" || IPAddress(host)?.addressClass == .loopback }
    }

    private let configuration: Configuration
    private let dispatcher: RouteDispatcher
    private let routes: [APIRoute]
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameter onListening: called with the port once connections are accepted.
    init(
        _ configuration: Configuration, routes: [APIRoute], authenticator: Authenticator,
        group: any EventLoopGroup,
        logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
    ) {
        self.configuration = configuration
        self.routes = routes
        dispatcher = RouteDispatcher(
            authenticator: authenticator, bodyTimeout: configuration.bodyTimeout,
            trustedProxies: configuration.trustedProxies, logger: logger)
        self.group = group
        self.logger = logger
        self.onListening = onListening
    }

    /// The server's own lines say nothing that this program does not say itself.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    package func run() async throws {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { [dispatcher] request, context in
                await dispatcher.respond(to: request, context, route)
            }
        }
        let direct = routes.filter { $0.direct != nil }
        let application = Application(
            responder: HostGuard(
                isOn: configuration.checksHost && configuration.isLoopback,
                next: UnknownRouteResponder(next: router.buildResponder(), routes: routes)),
            server: .http1(
                tls: configuration.identity?.source, idleTimeout: TimeAmount(configuration.idleTimeout),
                plain: { [dispatcher, direct] idle in
                    direct.first.map { PlainRequestHandler(dispatcher: dispatcher, route: $0, idle: idle) }
                },
                handler: { [dispatcher, direct] in
                    direct.isEmpty ? nil : DirectRequestHandler(dispatcher: dispatcher, routes: direct)
                }),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil,
                backlog: 1024,
                availableConnectionsDelegate: .maximum(configuration.maxConnections, logger: quietLogger)),
            onServerRunning: { [onListening] channel in
                await onListening(channel.localAddress?.port ?? 0)
            },
            eventLoopGroupProvider: .shared(group), logger: quietLogger)
        try await application.run()
    }
}

/// Answers what the router does not know the way everything else is answered.
private struct UnknownRouteResponder<Next: HTTPResponder<ServerContext>>: HTTPResponder {
    let next: Next
    let routes: [APIRoute]

    func respond(to request: Request, context: ServerContext) async throws -> Response {
        // Only `OPTIONS` asks for it: nothing but whether the server is there, and what it can (RFC 9110, section 9.3.7).
        guard request.head.path != "*" else { return Response(ofServer, requestID: RequestID.next()) }
        let response = try await next.respond(to: request, context: context)
        // The answers of routes have a request id; the router's own has none.
        guard response.status == .notFound, response.headers[.requestID] == nil else { return response }
        let id = RequestID.next()
        return Response(.problem(problem(request), requestID: id), requestID: id)
    }

    private var ofServer: APIResponse {
        var response = APIResponse(.ok)
        let methods = Set(routes.flatMap(methods)).sorted() + ["OPTIONS"]
        response.headers[.allow] = methods.joined(separator: ", ")
        return response
    }

    private func methods(_ route: APIRoute) -> [String] {
        route.method == .get ? ["GET", "HEAD"] : [route.method.rawValue]
    }

    private func problem(_ request: Request) -> Problem {
        let segments = request.uri.path.split(separator: "/")
        let methods = routes.filter { matches($0.path.split(separator: "/"), segments) }
            .flatMap(methods)
        guard !methods.isEmpty else { return .notFound }
        var problem = Problem(
            .methodNotAllowed, "method-not-allowed", "Method not allowed",
            "this path answers \(methods.joined(separator: ", "))")
        problem.headers[.allow] = methods.joined(separator: ", ")
        return problem
    }

    private func matches(_ pattern: [Substring], _ path: [Substring]) -> Bool {
        pattern.count == path.count && zip(pattern, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
