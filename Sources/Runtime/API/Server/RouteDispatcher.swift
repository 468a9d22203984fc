import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import OutboundHTTP
import Store
import Synchronization

/// Runs a route for a request: who calls, the body within its bounds, the handler, the answer.
final class RouteDispatcher: Sendable {
    private let authenticator: Authenticator
    private let bodyTimeout: Duration
    private let trustedProxies: [CIDR]
    private let logger: Logger

    init(authenticator: Authenticator, bodyTimeout: Duration, trustedProxies: [CIDR], logger: Logger) {
        self.authenticator = authenticator
        self.bodyTimeout = bodyTimeout
        self.trustedProxies = trustedProxies
        self.logger = logger
    }

    func respond(to request: Request, _ context: ServerContext, _ route: APIRoute) async -> Response {
        let id = RequestID.next()
        do {
            let caller = try authenticator.authenticate(
                Authenticator.token(request.headers), for: route.access)
            let query = request.uri.queryParameters.map { (name: String($0), value: String($1)) }
            try route.check(query)
            try checkEncoding(request.headers, route)
            let parameters = try parameters(context)
            let stream = BodyStream(request, timeout: bodyTimeout) { context.askForBody(of: request) }
            let body = try await body(stream, route)
            let response = try await route.handler(
                APIRequest(
                    method: request.method, path: request.uri.path,
                    parameters: parameters, query: query, headers: request.headers, body: body,
                    stream: stream,
                    caller: caller, id: id))
            return Response(response, requestID: id)
        } catch {
            let problem = problem(error, id)
            if problem.isRefusal {
                let client = ClientAddress.resolve(
                    peer: context.peer, request.headers, trusted: trustedProxies)
                log(problem, request.head, client, id)
            }
            return Response(.problem(problem, requestID: id), requestID: id)
        }
    }

    /// Answers on the event loop of the channel, where the route can.
    ///
    /// - Parameter completion: called once, on that event loop; nil when the request has to go the usual way.
    func respond(
        to head: RequestHead, _ body: ByteBuffer, _ route: APIRoute, _ channel: any Channel,
        completion: @escaping @Sendable (DirectAnswer?) -> Void
    ) {
        guard let direct = route.direct else { return completion(nil) }
        let call = DirectCall(head: head, dispatcher: self, channel: channel, completion)
        do {
            let caller = try authenticator.authenticate(head.token, for: route.access)
            try checkEncoding(head.request.headerFields, route)
            let request = DirectRequest(head: head, body: body, caller: caller)
            try direct.respond(request, channel.eventLoop, call.end)
        } catch {
            call.end(.failure(error))
        }
    }

    /// The answer to a request that could not be answered otherwise.
    fileprivate func refusal(
        _ error: any Error, of head: RequestHead, _ id: String, _ channel: any Channel
    ) -> APIResponse {
        let problem = problem(error, id)
        if problem.isRefusal {
            let peer = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
            let client = ClientAddress.resolve(
                peer: peer, head.request.headerFields, trusted: trustedProxies)
            log(problem, head.request, client, id)
        }
        return .problem(problem, requestID: id)
    }

    /// Who was turned away, for whoever looks for a wrong token or for somebody who tries many.
    private func log(_ problem: Problem, _ head: HTTPRequest, _ client: IPAddress?, _ id: String) {
        // Without the query, which may hold credentials.
        let path = head.path?.prefix { $0 != "?" } ?? ""
        logger.info(
            "request refused",
            metadata: [
                "request": "\(id)", "status": "\(problem.status.code)", "method": "\(head.method.rawValue)",
                "path": "\(path)", "client": "\(client.map { "\($0)" } ?? "unknown")",
            ])
    }

    private func problem(_ error: any Error, _ id: String) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case is BodyStream.Timeout:
            return Problem(.requestTimeout, "timeout", "Request timeout", "the body did not arrive in time")
        case is BodyStream.Truncated:
            return .malformed("the body ends before its end, or its chunks are malformed")
        case Ingest.Refusal.busy: return .unavailable("the configuration is changing; try again")
        case Ingest.Refusal.full:
            return .unavailable("as many deliveries are pending as --max-pending allows; try again later")
        // The connection is gone, or the process is about to be.
        case is CancellationError: return .unavailable("the request was cancelled")
        case StoreError.overloaded: return .unavailable("too much waits to be written; try again later")
        case StoreError.closed: return .unavailable("the process is stopping")
        case StoreError.displaced:
            logger.error("cannot answer a request", metadata: ["request": "\(id)", "error": "\(error)"])
            return .unavailable(
                "a file of the state was moved, replaced or removed while it was in use; the log names it")
        // A full disk, most of the time; what is sent again later may fit.
        case let error as FileError:
            logger.error("cannot answer a request", metadata: ["request": "\(id)", "error": "\(error)"])
            return .unavailable("the files beside the state cannot be used now")
        case let error as StoreError:
            logger.error("cannot answer a request", metadata: ["request": "\(id)", "error": "\(error)"])
            return .unavailable("the state cannot be used now")
        default:
            logger.error("cannot answer a request", metadata: ["request": "\(id)", "error": "\(error)"])
            return Problem(
                .internalServerError, "internal", "Internal error",
                "the request could not be answered; the log says why")
        }
    }

    /// Also where a body says nothing, but for reading, which has none. A route that reads the stream itself asks when it
    /// has seen what it must see before.
    private func checkEncoding(_ headers: HTTPFields, _ route: APIRoute) throws(Problem) {
        guard route.method != .get, !route.streamsBody else { return }
        try headers.checkContentEncoding()
    }

    /// The variable parts of the path: clients may encode more than they have to, such as the `:` of an id.
    private func parameters(_ context: ServerContext) throws(Problem) -> [String: String] {
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters {
            guard let decoded = PercentEncoding.decoded(value) else {
                throw .malformed("the path is not percent-encoded UTF-8")
            }
            parameters[String(name)] = decoded
        }
        return parameters
    }

    private func body(_ stream: BodyStream, _ route: APIRoute) async throws -> ByteBuffer {
        guard let limit = route.bodyLimit, !route.streamsBody else { return ByteBuffer() }
        return try await stream.collect(limit: limit)
    }
}

/// What the head of a request says, and the token that it presents. One object, because it goes through many hands.
final class RequestHead: Sendable {
    let request: HTTPRequest
    let token: SecretValue?

    init(_ request: HTTPRequest) {
        self.request = request
        token = Authenticator.token(request.headerFields)
    }
}

/// A request that is answered on its event loop, with whoever waits for the answer.
private final class DirectCall: Sendable {
    let id = RequestID.next()
    private let head: RequestHead
    private let dispatcher: RouteDispatcher
    private let channel: any Channel
    private let completion: @Sendable (DirectAnswer?) -> Void

    init(
        head: RequestHead, dispatcher: RouteDispatcher, channel: any Channel,
        _ completion: @escaping @Sendable (DirectAnswer?) -> Void
    ) {
        self.head = head
        self.dispatcher = dispatcher
        self.channel = channel
        self.completion = completion
    }

    @Sendable func end(_ result: Result<APIResponse, any Error>?) {
        switch result {
        case nil: completion(nil)
        case .success(let response): completion(DirectAnswer(response: response, requestID: id))
        case .failure(let error):
            let response = dispatcher.refusal(error, of: head, id, channel)
            completion(DirectAnswer(response: response, requestID: id))
        }
    }
}

extension Response {
    init(_ response: APIResponse, requestID: String) {
        var headers = response.fields
        headers[.requestID] = requestID
        let body = response.file?.body ?? ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        self.init(status: response.status, headers: headers, body: body)
    }
}

extension HTTPField.Name {
    static let requestID = known("X-Request-Id")
    static let retryAfter = known("Retry-After")

    static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("not a header name") }
        return name
    }
}

/// A random name for a request, in its answer and in the log.
enum RequestID {
    private static let random = Mutex(BufferedRandom())

    static func next() -> String {
        let number = random.withLock { $0.next() }
        return withUnsafeBytes(of: number.bigEndian) { Hex.lowercase($0, after: "req_") }
    }
}
