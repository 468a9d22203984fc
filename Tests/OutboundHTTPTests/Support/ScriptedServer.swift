import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// A receiver that plays a script: what to do when a connection opens, and after each request on it.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        /// A piece of its own, after the event loop has turned.
        case later(String)
        /// The same text for as long as the connection lives.
        case sendForever(String)
        /// Closes in order (FIN; with TLS after `close_notify`).
        case close
        /// Closes the TCP connection without `close_notify`.
        case closeUncleanly
        /// Closes at once (RST).
        case reset
        /// Speaks TLS from here on, as the target behind a tunnel would.
        case startTLS(NIOSSLContext)
        /// Lets the client's bytes pile up.
        case stopReading
    }

    /// What a connection does.
    struct Script: Sendable {
        var onAccept: [Step] = []
        var onClose: @Sendable () -> Void = {}
        /// Receives the number of the connection and of the request on it, both from 0, and the request.
        var onRequest: @Sendable (_ connection: Int, _ request: Int, _ text: String) -> [Step] = { _, _, _ in
            []
        }
    }

    /// What has happened so far.
    struct Record: Sendable {
        var connections = 0
        /// Whole requests, in the order of arrival, with the number of their connection.
        var requests: [(connection: Int, text: String)] = []
    }

    private let channel: any Channel
    private let box: RecordBox

    var port: Int { channel.localAddress?.port ?? 0 }
    var record: Record { box.value.withLock { $0 } }

    private init(channel: any Channel, box: RecordBox) {
        self.channel = channel
        self.box = box
    }

    /// Starts a server on a free port of loopback, runs `body` and closes the server.
    static func with<T: Sendable>(
        _ script: Script, tls: NIOSSLContext? = nil, host: String = "127.0.0.1",
        body: (ScriptedServer) async throws -> T
    ) async throws -> T {
        let box = RecordBox()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(ScriptPlayer(script: script, box: box))
                }
            }
            .bind(host: host, port: 0).get()
        let server = ScriptedServer(channel: channel, box: box)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    final class RecordBox: Sendable {
        let value = Mutex(Record())
    }
}

extension ScriptedServer.Script {
    /// The same steps after every request.
    static func always(_ steps: ScriptedServer.Step...) -> Self { always(steps) }

    static func always(_ steps: [ScriptedServer.Step]) -> Self { Self(onRequest: { _, _, _ in steps }) }

    /// A script for each connection, the last for all further ones; every request of it gets the same steps.
    static func byConnection(_ scripts: [ScriptedServer.Step]...) -> Self {
        Self(onRequest: { connection, _, _ in scripts[min(connection, scripts.count - 1)] })
    }
}

/// Plays a script on one connection.
private final class ScriptPlayer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: ScriptedServer.Script
    private let box: ScriptedServer.RecordBox
    private var connection = 0
    private var requestCount = 0
    private var received = ByteBuffer()

    init(script: ScriptedServer.Script, box: ScriptedServer.RecordBox) {
        self.script = script
        self.box = box
    }

    func channelActive(context: ChannelHandlerContext) {
        connection = box.value.withLock { record in
            record.connections += 1
            return record.connections - 1
        }
        play(script.onAccept, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let text = nextRequest() {
            box.value.withLock { $0.requests.append((connection, text)) }
            play(script.onRequest(connection, requestCount, text), context)
            requestCount += 1
        }
    }

    func channelInactive(context: ChannelHandlerContext) { script.onClose() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func nextRequest() -> String? {
        let text = String(buffer: received)
        guard let headEnd = text.range(of: "\r\n\r\n") else { return nil }
        let length = text[..<headEnd].split(separator: "\r\n").compactMap { line -> Int? in
            line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
        }.first
        let size = text[..<headEnd].utf8.count + 4 + (length ?? 0)
        return received.readString(length: size)
    }

    private func play(_ steps: [ScriptedServer.Step], _ context: ChannelHandlerContext) {
        for step in steps {
            switch step {
            case .send(let text): send(ByteBuffer(string: text), context)
            case .sendBytes(let bytes): send(ByteBuffer(bytes: bytes), context)
            case .later(let text):
                let channel = context.channel
                channel.eventLoop.execute { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
            case .sendForever(let text): sendForever(ByteBuffer(repeating: text), context.channel)
            case .close: context.close(promise: nil)
            case .closeUncleanly: closeUncleanly(context)
            case .reset: reset(context)
            case .startTLS(let tls):
                do {
                    try context.pipeline.syncOperations.addHandler(
                        NIOSSLServerHandler(context: tls), position: .first)
                } catch {
                    context.fireErrorCaught(error)
                }
            case .stopReading:
                context.channel.setOption(.autoRead, value: false).assumeIsolated().whenFailure {
                    context.fireErrorCaught($0)
                }
            }
        }
    }

    private func send(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// A write may end at once, so the next one is not nested in it.
    private func sendForever(_ buffer: ByteBuffer, _ channel: any Channel) {
        channel.writeAndFlush(buffer).assumeIsolated().whenSuccess {
            channel.eventLoop.assumeIsolated().execute { self.sendForever(buffer, channel) }
        }
    }

    private func closeUncleanly(_ context: ChannelHandlerContext) {
        do {
            try context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
                .close(mode: .all, promise: nil)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    private func reset(_ context: ChannelHandlerContext) {
        guard let socket = context.channel as? any SocketOptionProvider else { return }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}

extension ByteBuffer {
    /// As much of a text that few writes fill a socket.
    fileprivate init(repeating text: String) {
        self.init(string: String(repeating: text, count: max(1, 65_536 / text.utf8.count)))
    }
}

extension String {
    /// The place before a piece of text, in terms of bytes that are all ASCII here.
    fileprivate func range(of piece: String) -> String.Index? {
        let bytes = Array(utf8)
        let wanted = Array(piece.utf8)
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count)
        where Array(bytes[start..<(start + wanted.count)]) == wanted {
            return utf8.index(utf8.startIndex, offsetBy: start)
        }
        return nil
    }
}
