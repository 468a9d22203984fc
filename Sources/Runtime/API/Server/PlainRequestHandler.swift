import HTTPTypes
import NIOCore
import OutboundHTTP

/// Answers the plain requests of a connection from its bytes, before any parser sees them: those of a route with a
/// `DirectHandler`, one after the other.
///
/// The first request that is not plain, or that the route declines, is passed on with everything behind it; from then on
/// the connection is an ordinary one. Until then it asks for each read itself: the connection's own asking goes through
/// every handler.
final class PlainRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        /// These bytes are a request whose answer is to come.
        case answering(ByteBuffer)
        case passing
    }

    private let dispatcher: RouteDispatcher
    private let route: APIRoute
    private let idle: IdleTimeout
    private var state = State.idle
    /// The head of the last request, unless that was large.
    private var known: PlainHead?
    /// What came behind the request that is being answered.
    private var held = CircularBuffer<ByteBuffer>()
    private var isReadHeld = false
    /// The connection has ended.
    private var isGone = false
    /// Events that would end the connection before the answer is out.
    private var heldEvents: [Any] = []

    init(dispatcher: RouteDispatcher, route: APIRoute, idle: IdleTimeout) {
        self.dispatcher = dispatcher
        self.route = route
        self.idle = idle
    }

    // MARK: Inbound

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .passing: context.fireChannelRead(data)
        case .answering: held.append(unwrapInboundIn(data))
        case .idle: receive(unwrapInboundIn(data), context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .passing = state { return context.fireChannelReadComplete() }
        read(context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        let endsConnection = event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed
        if endsConnection, isAnswering {
            heldEvents.append(event)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        held.removeAll()
        context.fireChannelInactive()
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        let request = PlainRequest(bytes, path: route.path, bodyLimit: route.bodyLimit ?? 0, known: known)
        guard let request else { return passOn(bytes, context) }
        known = request.head.isSmall ? request.head : nil
        state = .answering(bytes)
        idle.requestBegins()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        dispatcher.respond(to: request.head.head, request.body, route, context.channel) { answer in
            let (handler, context) = bound.value
            handler.finish(answer, context)
        }
    }

    // MARK: Outbound

    func read(context: ChannelHandlerContext) {
        if isAnswering, !held.isEmpty { isReadHeld = true } else { context.read() }
    }

    private func finish(_ answer: DirectAnswer?, _ context: ChannelHandlerContext) {
        guard case .answering(let bytes) = state else { return }
        idle.requestEnds()
        guard !isGone else { return state = .passing }
        if let answer {
            state = .idle
            context.writeAndFlush(wrapOutboundOut(Self.bytes(of: answer)), promise: nil)
        } else {
            passOn(bytes, context)
        }
        goOn(context)
    }

    private func passOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        state = .passing
        known = nil
        context.fireChannelRead(wrapInboundOut(bytes))
        do { try context.channel.syncOptions?.setOption(.autoRead, value: true) } catch {
            context.fireErrorCaught(error)
        }
    }

    /// What waited for the answer.
    private func goOn(_ context: ChannelHandlerContext) {
        while !isAnswering, let bytes = held.popFirst() {
            channelRead(context: context, data: wrapInboundOut(bytes))
        }
        guard !isAnswering else { return }
        if case .passing = state { context.fireChannelReadComplete() }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
        let events = heldEvents
        heldEvents = []
        for event in events { context.fireUserInboundEventTriggered(event) }
    }

    private var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    private static func bytes(of answer: DirectAnswer) -> ByteBuffer {
        let date = DateField.now()
        let fields = answer.response.headers.reduce(0) {
            $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4
        }
        let texts =
            answer.response.status.reasonPhrase.utf8.count + (answer.response.contentType?.utf8.count ?? 0)
            + answer.requestID.utf8.count + date.utf8.count
        // Their names, and what stands between them.
        let size = 128 + texts + fields + 2 * ByteBuffer.numberSize + answer.response.body.count
        var bytes = ByteBufferAllocator().buffer(capacity: size)
        bytes.append(atMost: size) { bytes in
            bytes.write("HTTP/1.1 ")
            bytes.write(answer.response.status.code)
            bytes.write(" ")
            bytes.write(answer.response.status.reasonPhrase)
            if let type = answer.response.contentType {
                bytes.write("\r\nContent-Type: ")
                bytes.write(type)
            }
            for field in answer.response.headers {
                bytes.write("\r\n")
                bytes.write(field.name.rawName)
                bytes.write(": ")
                bytes.write(field.value)
            }
            bytes.write("\r\nX-Request-Id: ")
            bytes.write(answer.requestID)
            bytes.write("\r\nDate: ")
            bytes.write(date)
            bytes.write("\r\nContent-Length: ")
            bytes.write(answer.response.body.count)
            bytes.write("\r\n\r\n")
            bytes.write(answer.response.body)
        }
        return bytes
    }
}
