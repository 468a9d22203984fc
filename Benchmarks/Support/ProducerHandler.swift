import NIOCore

/// One connection of the producer: sends a request, waits for its answer, sends the next.
final class ProducerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let work: ProducerWork
    private let done: EventLoopPromise<Void>
    private var scanner = MessageScanner()
    /// The request under way.
    private var bytes = ByteBuffer()
    private var waiting: (event: Int, sent: NIODeadline)?

    /// - Parameter done: fails with the first request that is refused.
    init(_ work: ProducerWork, _ done: EventLoopPromise<Void>) {
        self.work = work
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) { sendNext(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        scanner.receive(unwrapInboundIn(data)) { head, body in
            guard let waiting else { return }
            self.waiting = nil
            // `HTTP/1.1 202`
            guard head[9] == UInt8(ascii: "2") else {
                let text = String(decoding: head, as: UTF8.self) + String(decoding: body, as: UTF8.self)
                return fail("the sidecar answered \(text)", context)
            }
            work.observer?(waiting.event, waiting.sent, .now())
            sendNext(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { fail("the sidecar closed a connection", context) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail("\(error)", context) }

    private func sendNext(_ context: ChannelHandlerContext) {
        guard let request = work.next(&bytes) else {
            done.succeed()
            return context.close(promise: nil)
        }
        guard let due = request.due else { return send(request, context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(deadline: due) {
            let (handler, context) = bound.value
            handler.send(request, context)
        }
    }

    private func send(_ request: ProducerWork.Request, _ context: ChannelHandlerContext) {
        waiting = (request.event, work.observer == nil ? .distantPast : .now())
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Does nothing when everything is done.
    private func fail(_ message: String, _ context: ChannelHandlerContext) {
        done.fail(BenchmarkFailure(message))
        context.close(promise: nil)
    }
}
