import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// One attempt to connect to a checked address: TCP, then the tunnel through a proxy and the TLS handshake
/// where the key asks for them. Confined to its event loop.
///
/// It sits in the pipeline only until the connection is ready.
final class ConnectAttempt: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    /// A channel that is ready for the `Connection` handler, and what it took.
    typealias Completion = (ConnectAttempt, Result<(any Channel, ExchangeTiming), ConnectFailure>) -> Void

    private let key: PoolKey
    private let timeout: TimeAmount
    private let settings: ClientSettings
    private let loop: any EventLoop
    private var completion: Completion?
    private var timing = ExchangeTiming()
    private var started: NIODeadline
    private var timer: Scheduled<Void>?
    private var channel: (any Channel)?
    private var tunnel: ProxyTunnel?

    init(
        key: PoolKey, timeout: TimeAmount, settings: ClientSettings, loop: any EventLoop,
        completion: @escaping Completion
    ) {
        self.key = key
        self.timeout = timeout
        self.settings = settings
        self.loop = loop
        started = loop.now
        self.completion = completion
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        do {
            let address = try SocketAddress(
                packedIPAddress: ByteBuffer(bytes: key.remote.address.bytes), port: key.remote.port)
            timer = loop.scheduleTask(in: timeout) { bound.value.timedOut() }
            ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                // Writable when nothing waits to be written: that is asked at each answer, and what is written is always
                // longer than a byte. TLS passes on whatever is flushed, so that the channel's own buffer is all there is.
                .channelOption(.writeBufferWaterMark, value: .init(low: 1, high: 1))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel) }
                }
                .connect(to: address)
                .assumeIsolated()
                .whenFailure { bound.value.fail(ConnectFailure(tcp: $0)) }
        } catch {
            fail(ConnectFailure(tcp: error))
        }
    }

    func abort(_ reason: String) { fail(ConnectFailure(.reset, reason)) }

    // MARK: - Channel events

    func channelActive(context: ChannelHandlerContext) {
        let now = loop.now
        timing.connect = TimeAmount(from: started, to: now)
        started = now
        if let authority = key.tunnel, let proxy = settings.proxy {
            tunnel = ProxyTunnel(limits: settings.limits)
            context.writeAndFlush(wrapOutboundOut(proxy.connectRequest(to: authority)), promise: nil)
        } else if key.tls == nil {
            succeed(context)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let step = tunnel?.received(unwrapInboundIn(data)) else { return context.fireChannelRead(data) }
        switch step {
        case .wait: break
        case .failed(let message): fail(ConnectFailure(.connect, message))
        case .open:
            tunnel = nil
            started = loop.now
            do { try addTLS(to: context.pipeline, position: .before(self)) } catch {
                fail(ConnectFailure(tls: error))
            }
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            timing.tls = TimeAmount(from: started, to: loop.now)
            succeed(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(ChannelError.eof)
        context.fireChannelInactive()
    }

    // MARK: - Steps

    private func prepare(_ channel: any Channel) throws {
        self.channel = channel
        if key.tunnel == nil { try addTLS(to: channel.pipeline, position: .last) }
        try channel.pipeline.syncOperations.addHandler(self)
    }

    private func addTLS(
        to pipeline: ChannelPipeline, position: ChannelPipeline.SynchronousOperations.Position
    ) throws {
        guard let tls = key.tls else { return }
        let handler = try tls.profile.handler(serverName: tls.serverName)
        try pipeline.syncOperations.addHandler(handler, position: position)
    }

    private func succeed(_ context: ChannelHandlerContext) {
        guard let completion = finish() else { return context.close(promise: nil) }
        completion(self, .success((context.channel, timing)))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func timedOut() {
        let isConnected = timing.connect != nil
        fail(
            ConnectFailure(
                isConnected ? .tls : .connect, "\(isConnected ? "handshake" : "connecting") timed out"))
    }

    private func ended(_ error: any Error) {
        fail(tunnel == nil ? ConnectFailure(tls: error) : ConnectFailure(tcp: error))
    }

    private func fail(_ failure: ConnectFailure) {
        let channel = channel
        var failure = failure
        failure.timing = timingOfFailure
        finish()?(self, .failure(failure))
        channel?.close(promise: nil)
    }

    private var timingOfFailure: ExchangeTiming {
        var timing = timing
        let step = TimeAmount(from: started, to: loop.now)
        if timing.connect == nil {
            timing.connect = step
        } else if key.tls != nil, tunnel == nil {
            timing.tls = step
        }
        return timing
    }

    /// The completion, the first time only.
    private func finish() -> Completion? {
        timer?.cancel()
        defer {
            completion = nil
            channel = nil
        }
        return completion
    }
}
