import NIOCore
import NIOPosix
import Synchronization

/// A receiver of webhooks that does next to nothing: `/ok` answers at once, `/slow` after a second, `/fail` with 500.
final class BenchReceiver: Sendable {
    enum Path: String, CaseIterable, Sendable { case ok, slow, fail }

    /// Called on the receiver's event loop with the number of the event that came.
    typealias Observer = @Sendable (_ event: Int, _ now: NIODeadline) -> Void

    let port: Int
    private let channel: any Channel
    private let counters: Counters

    final class Counters: Sendable {
        let ok = Atomic(0)
        let slow = Atomic(0)
        let fail = Atomic(0)
        let observer = Mutex<Observer?>(nil)
    }

    init(group: any EventLoopGroup) async throws {
        let counters = Counters()
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(counters))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.counters = counters
        port = channel.localAddress?.port ?? 0
    }

    /// Lends a receiver, and the event loops that it shares with the producer.
    static func serving(_ body: (any EventLoopGroup, BenchReceiver) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let receiver = try await BenchReceiver(group: group)
        try await body(group, receiver)
        try await receiver.close()
        try await group.shutdownGracefully()
    }

    func url(_ path: Path = .ok) -> String { "http://127.0.0.1:\(port)/\(path.rawValue)" }

    /// Answers so far of those that are answered at once.
    var count: Int { counters.ok.load(ordering: .relaxed) }

    func reset() { counters.ok.store(0, ordering: .relaxed) }

    func observe(_ observer: Observer?) { counters.observer.withLock { $0 = observer } }

    func close() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private static let ok = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        private static let failed = ByteBuffer(string: "HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n")

        private var scanner = MessageScanner()
        private let counters: Counters

        init(_ counters: Counters) { self.counters = counters }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var answers = 0
            scanner.receive(unwrapInboundIn(data)) { head, body in
                // `POST /ok`: one letter tells them apart.
                switch head[6] {
                case UInt8(ascii: "s"):
                    counters.slow.wrappingAdd(1, ordering: .relaxed)
                    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                    context.eventLoop.scheduleTask(in: .seconds(1)) {
                        bound.value.writeAndFlush(NIOAny(Self.ok), promise: nil)
                    }
                case UInt8(ascii: "f"):
                    counters.fail.wrappingAdd(1, ordering: .relaxed)
                    context.writeAndFlush(NIOAny(Self.failed), promise: nil)
                default:
                    counters.ok.wrappingAdd(1, ordering: .relaxed)
                    if let observer = counters.observer.withLock(\.self) {
                        observer(BenchEvent.number(in: body), .now())
                    }
                    answers += 1
                    context.write(NIOAny(Self.ok), promise: nil)
                }
            }
            if answers > 0 { context.flush() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
