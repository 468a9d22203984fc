import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOSSL

/// Stands behind the parser: answers what is no request with a problem like any other, and ends connections so that
/// their last answer can be read (RFC 9112, section 9.6).
///
/// A request that is refused for what stands in its head waits until those before it are answered. One whose body is
/// malformed is answered by its route, which finds its body cut off.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that was passed on and is not answered.
    private struct Exchange {
        let isHTTP10: Bool
        /// Whether the answer has no body, whatever it is (RFC 9110, section 9.3.2).
        let isHead: Bool
        /// Whether the connection ends with its answer.
        var isLast: Bool
        /// Whether the client waits for being asked before it sends the body.
        var waitsForAsking: Bool
        /// Bytes of the body that have not come; nil when nobody knows.
        var missing: Int?
    }

    private enum State {
        case reading
        /// Nothing more is read; a problem is to be answered when everything else is.
        case refused(Problem)
        /// Nothing more is read; a body was malformed.
        case broken(Problem)
        /// Nothing more is read, because the client said so.
        case last
        /// The last answer is out.
        case ended
    }

    /// What a client may still send after an early answer without losing the connection.
    static let maximumRest = 64 << 10

    /// The longest time that a client is listened to when the process stops.
    private static let shortLinger = TimeAmount.seconds(1)

    private let decoder: RequestDecoder
    private let linger: TimeAmount
    private let idle: IdleTimeout?
    private var state = State.reading
    private var exchanges = CircularBuffer<Exchange>()
    /// The head of a request has come, and its end has not.
    private var isWithinRequest = false
    private var asksForProtocol = false
    /// The answer that is being written is not what the client gets.
    private var isReplacing = false
    private var isHeadRequest = false
    private var ending: Scheduled<Void>?
    /// The process stops.
    private var isQuiescing = false

    /// - Parameters:
    ///   - idle: is told of requests.
    ///   - linger: how long the client is listened to after the last answer.
    init(_ decoder: RequestDecoder, idle: IdleTimeout? = nil, linger: TimeAmount = .seconds(5)) {
        self.decoder = decoder
        self.idle = idle
        self.linger = linger
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .reading = state else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let bytes):
            if !exchanges.isEmpty {
                let last = exchanges.index(before: exchanges.endIndex)
                exchanges[last].missing = exchanges[last].missing.map { $0 - bytes.readableBytes }
                exchanges[last].waitsForAsking = false
            }
            context.fireChannelRead(data)
        case .end:
            isWithinRequest = false
            isHeadRequest = false
            decoder.needsNewParser = asksForProtocol
            if exchanges.last?.isLast == true { state = .last }
            context.fireChannelRead(data)
        }
    }

    private func receive(_ received: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = received
        isHeadRequest = head.method == .HEAD
        let check: HeadCheck
        do {
            check = try HeadCheck.check(&head)
        } catch {
            return refuse(error, context)
        }
        let isHTTP10 = head.version == .http1_0
        let isLast = !head.isKeepAlive
        asksForProtocol = check.asksForProtocol && Self.isUpgrade(head)
        if isLast { head.headers.replaceOrAdd(name: "Connection", value: "close") }
        // Nobody is asked for a body in HTTP/1.0 (RFC 9110, section 10.1.1).
        if isHTTP10 { head.headers.remove(name: "Expect") }
        exchanges.append(
            Exchange(
                isHTTP10: isHTTP10, isHead: isHeadRequest,
                isLast: isLast || check.asksForProtocol && !asksForProtocol,
                waitsForAsking: head.headers.first(name: "Expect")?.lowercased() == "100-continue",
                missing: check.transferCodings == nil
                    ? head.headers.first(name: "Content-Length").map { Int($0) } ?? 0 : nil))
        isWithinRequest = true
        idle?.requestBegins()
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// Whether the parser takes it for an upgrade.
    private static func isUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let refused: RefusedBytes
        switch error {
        case let error as RefusedBytes: refused = error
        case let error as HTTPParserError:
            refused = RefusedBytes(problem: RequestDecoder.problem(error), cause: error)
        // Bytes behind the ones that were refused.
        case is ByteToMessageDecoderError: return
        default: return context.fireErrorCaught(error)
        }
        guard case .reading = state else { return }
        guard isWithinRequest else { return refuse(refused.problem, context) }
        // What stands before a body says nothing about it.
        state = .broken(RequestDecoder.problem(refused.cause))
        if exchanges.isEmpty {
            end(context)
        } else {
            exchanges[exchanges.index(before: exchanges.endIndex)].isLast = true
        }
        context.fireErrorCaught(refused.cause)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isQuiescing = true
            if isEnded { listen(context) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ending?.cancel()
        context.fireChannelInactive()
    }

    // MARK: Refusals

    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        state = .refused(problem)
        if exchanges.isEmpty { answer(problem, context) }
    }

    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let id = RequestID.next()
        let response = APIResponse.problem(problem, requestID: id)
        var headers = HTTPHeaders(response.fields.map { ($0.name.rawName, $0.value) })
        headers.add(name: "X-Request-Id", value: id)
        headers.add(name: "Date", value: DateField.now())
        headers.add(name: "Content-Length", value: String(response.body.count))
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: response.status.code), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHeadRequest {
            let body = context.channel.allocator.buffer(bytes: response.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
    }

    // MARK: Outbound

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !exchanges.isEmpty, !isEnded else {
            // To a request that has an answer already.
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): write(head, promise, context)
        case .body:
            if isReplacing || exchanges[exchanges.startIndex].isHead {
                promise?.succeed()
            } else {
                context.write(data, promise: promise)
            }
        case .end: writeEnd(data, promise, context)
        }
    }

    private func write(
        _ written: HTTPResponseHead, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        var head = written
        guard !(100..<200).contains(head.status.code) else {
            exchanges[exchanges.startIndex].waitsForAsking = false
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        }
        // The server's own answer to a body that is malformed says nothing; those of routes have a request id.
        if case .broken = state, !head.headers.contains(name: "X-Request-Id") {
            isReplacing = true
            promise?.succeed()
            return
        }
        if exchanges.count == 1, isWithinRequest { considerRest() }
        if exchanges.count == 1, isQuiescing { exchanges[exchanges.startIndex].isLast = true }
        if exchanges[exchanges.startIndex].isLast {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if exchanges[exchanges.startIndex].isHTTP10 {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    /// An answer that comes before the body has: the connection goes on only when little is left of it, or else whoever
    /// was turned away could keep it busy.
    private func considerRest() {
        let exchange = exchanges[exchanges.startIndex]
        let isShort = exchange.missing.map { $0 <= Self.maximumRest } ?? false
        if exchange.waitsForAsking || !isShort { exchanges[exchanges.startIndex].isLast = true }
    }

    private func writeEnd(
        _ data: NIOAny, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) {
        let exchange = exchanges.removeFirst()
        idle?.requestEnds()
        if isReplacing, case .broken(let problem) = state {
            promise?.succeed()
            return answer(problem, context)
        }
        guard !exchange.isLast else {
            context.writeAndFlush(data, promise: promise)
            return end(context)
        }
        context.write(data, promise: promise)
        if exchanges.isEmpty, case .refused(let problem) = state { answer(problem, context) }
    }

    // MARK: The end

    private var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .output else {
            end(context)
            promise?.succeed()
            return
        }
        // The server closes what it has answered when the process stops, which would take the answer back as well.
        guard isQuiescing, isEnded, mode == .all else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
    }

    /// Says that nothing more comes, and listens until the client has read everything and ends its side too: a socket
    /// that is closed while bytes arrive may take back what was sent.
    private func end(_ context: ChannelHandlerContext) {
        guard !isEnded, context.channel.isActive else { return }
        state = .ended
        exchanges.removeAll()
        let pipeline = context.pipeline.syncOperations
        // TLS has to see that the client ends its side.
        let tls = try? pipeline.handler(type: NIOSSLServerHandler.self)
        // A pipeline that is about to end takes no handler, and needs none.
        try? pipeline.addHandler(Discard(), position: tls.map { .after($0) } ?? .first)
        context.close(mode: .output, promise: nil)
        listen(context)
    }

    private func listen(_ context: ChannelHandlerContext) {
        ending?.cancel()
        let time = isQuiescing ? min(linger, Self.shortLinger) : linger
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        ending = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}

/// Drops what comes on a connection whose last answer is out.
private final class Discard: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) { context.read() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelReadComplete(context: ChannelHandlerContext) { context.read() }
}
