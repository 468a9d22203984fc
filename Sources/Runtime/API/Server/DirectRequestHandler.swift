import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Answers requests of routes with a `DirectHandler` on the event loop; everything else goes on to the server.
///
/// A request is taken only if nothing of the connection is under way, and if all of it came with one read; one that
/// comes in pieces, is declined or too large is passed on as if nothing had happened. While one is answered, what comes
/// behind it is held, and once there is something, nothing more is read.
final class DirectRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        /// Nothing of ours is under way.
        case idle
        /// The parts of a request that may be ours.
        case collecting(HTTPRequest, APIRoute, ByteBuffer)
        /// Its answer is to come.
        case answering(HTTPRequest, ByteBuffer)
    }

    private let dispatcher: RouteDispatcher
    private let routes: [APIRoute]
    private var state = State.idle
    /// Requests that were passed on and are not answered yet.
    private var passedOn = 0
    /// What came behind the request that is being answered.
    private var held = CircularBuffer<HTTPRequestPart>()
    private var isReadHeld = false
    private var isQuiescing = false
    /// The client has sent its last byte, and the server does not know yet.
    private var isInputClosed = false

    init(dispatcher: RouteDispatcher, routes: [APIRoute]) {
        self.dispatcher = dispatcher
        self.routes = routes
    }

    // MARK: Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isAnswering { return held.append(part) }
        receive(part, context)
    }

    private func receive(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.idle, .head(let head)):
            if passedOn == 0, let route = route(for: head) {
                state = .collecting(head, route, ByteBuffer())
            } else {
                passOn(part, context)
            }
        case (.collecting(let head, let route, var body), .body(let bytes)):
            // The state must not hold the buffer too while it grows.
            state = .idle
            if body.readableBytes == 0 { body = bytes } else { body.writeImmutableBuffer(bytes) }
            state = .collecting(head, route, body)
        case (.collecting(let head, let route, let body), .end(nil)):
            answer(head, body, route, context)
        case (.collecting(let head, _, let body), _):
            state = .idle
            passOn(head, body, context)
            passOn(part, context)
        default: passOn(part, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What did not come whole takes the way that has a deadline.
        if case .collecting(let head, _, let body) = state {
            state = .idle
            passOn(head, body, context)
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server closes a connection that has nothing under way, and does not know of this request.
        if event is ChannelShouldQuiesceEvent, isAnswering {
            isQuiescing = true
        } else if isAnswering, case ChannelEvent.inputClosed? = event as? ChannelEvent {
            isInputClosed = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        held.removeAll()
        context.fireChannelInactive()
    }

    private func route(for head: HTTPRequest) -> APIRoute? {
        guard let route = routes.first(where: { $0.path == head.path && $0.method == head.method }),
            let length = head.headerFields[.contentLength].flatMap({ Int($0) }),
            length <= route.bodyLimit ?? 0, head.headerFields[.expect] == nil
        else { return nil }
        return route
    }

    private func passOn(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        if case .head = part { passedOn += 1 }
        context.fireChannelRead(wrapInboundOut(part))
    }

    private func passOn(_ head: HTTPRequest, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        passOn(.head(head), context)
        if body.readableBytes > 0 { passOn(.body(body), context) }
    }

    // MARK: Outbound

    func read(context: ChannelHandlerContext) {
        // Stopping to read for every request would cost two system calls each.
        if isAnswering, !held.isEmpty { isReadHeld = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { passedOn -= 1 }
        context.write(data, promise: promise)
    }

    // MARK: Answers

    private func answer(
        _ head: HTTPRequest, _ body: ByteBuffer, _ route: APIRoute, _ context: ChannelHandlerContext
    ) {
        state = .answering(head, body)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        dispatcher.respond(to: RequestHead(head), body, route, context.channel) { answer in
            let (handler, context) = bound.value
            handler.finish(answer, context)
        }
    }

    private func finish(_ answer: DirectAnswer?, _ context: ChannelHandlerContext) {
        guard case .answering(let head, let body) = state else { return }
        state = .idle
        guard context.channel.isActive else { return }
        if let answer {
            write(answer, context)
        } else {
            passOn(head, body, context)
            passOn(.end(nil), context)
            // The read that it came with is long over, and the server looks at nothing before its end.
            context.fireChannelReadComplete()
        }
        goOn(context)
    }

    private func write(_ answer: DirectAnswer, _ context: ChannelHandlerContext) {
        let response = answer.response
        var fields = response.fields
        fields[.requestID] = answer.requestID
        fields[.date] = DateField.now()
        fields[.contentLength] = String(response.body.count)
        let head = HTTPResponse(status: response.status, headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: response.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// What waited for the answer.
    private func goOn(_ context: ChannelHandlerContext) {
        if isQuiescing {
            isQuiescing = false
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        guard !held.isEmpty else {
            readOn(context)
            return tellOfEnd(context)
        }
        while !isAnswering, let part = held.popFirst() { receive(part, context) }
        if !isAnswering { channelReadComplete(context: context) }
        readOn(context)
        tellOfEnd(context)
    }

    private func tellOfEnd(_ context: ChannelHandlerContext) {
        guard isInputClosed, !isAnswering else { return }
        isInputClosed = false
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    private var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    private func readOn(_ context: ChannelHandlerContext) {
        guard isReadHeld, !isAnswering else { return }
        isReadHeld = false
        context.read()
    }
}
