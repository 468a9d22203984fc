import NIOCore
import NIOSSL

/// A connection that is ready for requests: performs what `ConnectionState` decides. Confined to its event
/// loop.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let remote: RemoteAddress
    private let settings: ClientSettings
    private let pool: TargetPool
    private let loop: any EventLoop
    private var state: ConnectionState
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var deadlineTimer: LazyTimer?
    private var servedCount = 0
    /// When an idle connection is too old to be used again.
    private(set) var idleDeadline = NIODeadline.distantFuture
    private var isGone = false
    private var failure: String?
    private var endedUncleanly = false
    /// What it cost to connect, reported with the first exchange.
    private var connectTiming: ExchangeTiming?

    init(remote: RemoteAddress, pool: TargetPool, settings: ClientSettings, connectTiming: ExchangeTiming) {
        self.remote = remote
        self.pool = pool
        loop = pool.loop
        self.settings = settings
        self.connectTiming = connectTiming
        state = ConnectionState(
            maxHeadBytes: settings.limits.maxHeadBytes, maxHeadFields: settings.limits.maxHeadFields)
    }

    /// Sends a request; the exchange's completion hears of its end.
    func start(_ exchange: Exchange) {
        guard let context, !isGone else {
            pool.lost(self)
            return pool.resend(exchange)
        }
        let request = exchange.request
        exchange.timing.connect = connectTiming?.connect
        exchange.timing.tls = connectTiming?.tls
        connectTiming = nil
        let deadline = exchange.deadline
        self.exchange = exchange
        state.begin(
            method: request.method, bodyLimit: request.bodyLimit, isRepeatable: request.isRepeatable,
            isReused: servedCount > 0)
        armTimer(for: deadline)
        write(request, context)
    }

    /// Whether it carries the exchange of that token.
    func carries(_ token: CancellationToken) -> Bool { exchange?.token === token }

    /// Ends the connection; an exchange under way fails.
    func abandon(_ kind: OutboundFailure.Class, _ reason: String) {
        perform(state.abandon(kind, reason))
    }

    // MARK: - Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        deadlineTimer?.stop()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !state.hasReceivedAnything, exchange != nil { noteFirstByte() }
        // By its water marks the channel is writable when nothing waits to be written, and only then.
        perform(state.received(unwrapInboundIn(data), hasUnsentBytes: !context.channel.isWritable))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown: endedUncleanly = true
        case is NIOSSLError, is BoringSSLError:
            perform(state.securityFailed(ConnectFailure(tls: error).message))
        default: failure = ConnectFailure.text(error)
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        let isOrderly = failure == nil && !endedUncleanly
        perform(state.ended(isOrderly: isOrderly, reason: failure))
        pool.closed(self)
    }

    // MARK: - Steps

    private func armTimer(for deadline: NIODeadline) {
        if deadlineTimer == nil {
            deadlineTimer = LazyTimer(loop: loop) { [weak self] in self?.deadlineTimerFired() }
        }
        deadlineTimer?.fire(by: deadline)
    }

    private func deadlineTimerFired() -> NIODeadline? {
        guard let deadline = exchange?.deadline else { return nil }
        guard deadline <= loop.now else { return deadline }
        perform(state.deadlinePassed())
        return exchange?.deadline
    }

    private func write(_ request: OutboundRequest, _ context: ChannelHandlerContext) {
        let forwards = settings.proxy != nil && pool.key.tls == nil
        let bytes = forwards ? settings.proxy?.forwarded(request) ?? request.bytes : request.bytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        if let body = request.largeBody { context.write(wrapOutboundOut(body), promise: nil) }
        context.flush()
        // A write that fails at once has closed the channel before `flush` returns.
        if !isGone { state.wrote() }
    }

    private func noteFirstByte() {
        guard let started = exchange?.started else { return }
        exchange?.timing.firstByte = TimeAmount(from: started, to: loop.now)
    }

    private func perform(_ action: ConnectionState.Action) {
        switch action {
        case .wait: break
        case .close:
            pool.forget(self)
            context?.close(promise: nil)
        case .finish(let answer, let idleSeconds): finish(answer, idleSeconds: idleSeconds)
        case .finishAndClose(let answer): finishAndClose(answer)
        }
    }

    /// The connection is offered to the next one before the outcome is reported, which may cause a new
    /// request.
    private func finish(_ answer: ConnectionState.Answer, idleSeconds: Int?) {
        guard let exchange = take() else { return }
        let isReused = servedCount > 0
        servedCount += 1
        let now = loop.now
        idleDeadline = now + settings.idleTime(announcedSeconds: idleSeconds)
        pool.released(self)
        report(answer, exchange, isReused: isReused, now: now)
    }

    private func finishAndClose(_ answer: ConnectionState.Answer) {
        guard let exchange = take() else { return }
        pool.lost(self)
        if case .response(let response) = answer, response.truncation == nil {
            context?.close(promise: nil)
        } else {
            closeAtOnce()
        }
        report(answer, exchange, isReused: servedCount > 0, now: loop.now)
    }

    /// Closes without waiting for the receiver's `close_notify`, and so without reading on.
    private func closeAtOnce() {
        let transport = pool.key.tls == nil ? context : context?.pipeline.transportContext
        (transport ?? context)?.close(promise: nil)
    }

    /// Whether the answer to a forwarded request is the proxy's own: it wants other credentials (RFC 9110, section 15.5.8).
    /// The receiver has not seen the request.
    private func isProxyRefusal(_ answer: CapturedResponse) -> Bool {
        answer.status == 407 && settings.proxy != nil && pool.key.tunnel == nil
    }

    private func take() -> Exchange? {
        defer { exchange = nil }
        return exchange
    }

    private func report(
        _ answer: ConnectionState.Answer, _ exchange: Exchange, isReused: Bool, now: NIODeadline
    ) {
        switch answer {
        case .unprocessed: pool.resend(exchange)
        case .failure(let kind, let message): exchange.fail(kind, message, remote: remote, now: now)
        case .response(let captured) where isProxyRefusal(captured):
            exchange.fail(.connect, "the proxy answered \(captured.status)", remote: remote, now: now)
        case .response(let captured):
            var timing = exchange.timing
            timing.total = TimeAmount(from: exchange.started, to: now)
            exchange.completion(
                .response(
                    OutboundResponse(
                        status: captured.status, headers: captured.headers, body: captured.body,
                        truncation: captured.truncation, timing: timing, isConnectionReused: isReused,
                        remote: remote)))
        }
    }
}

extension ChannelPipeline {
    /// The place below TLS.
    fileprivate var transportContext: ChannelHandlerContext? {
        do { return try syncOperations.context(handlerType: NIOSSLClientHandler.self) } catch { return nil }
    }
}
