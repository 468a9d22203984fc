import NIOCore
import NIOPosix
import Synchronization

/// Posts events to the sidecar over a fixed number of connections, each waiting for its answer before it goes on.
final class Producer: Sendable {
    /// Called on the producer's event loop when an event was answered with 202, and when it was sent.
    typealias Observer = @Sendable (_ event: Int, _ sent: NIODeadline, _ answered: NIODeadline) -> Void

    private let group: any EventLoopGroup
    private let port: Int
    private let token: String

    init(group: any EventLoopGroup, port: Int, token: String) {
        self.group = group
        self.port = port
        self.token = token
    }

    /// Posts the events of a range as fast as the answers come.
    func post(_ events: Range<Int>, connections: Int, observer: Observer? = nil) async throws {
        let queue = EventQueue(events)
        try await withClients(connections, observer) { client in
            while let event = queue.next() { try await client.post(BenchEvent.json(event), number: event) }
        }
    }

    /// Posts the events of a range at a steady rate, whether or not the answers keep up.
    func post(_ events: Range<Int>, perSecond: Int, connections: Int, observer: Observer?) async throws {
        let start = NIODeadline.now() + .milliseconds(100)
        let queue = EventQueue(events)
        try await withClients(connections, observer) { client in
            while let event = queue.next() {
                let due =
                    start + .nanoseconds(Int64(event - events.lowerBound) * 1_000_000_000 / Int64(perSecond))
                try await client.post(BenchEvent.json(event), number: event, at: due)
            }
        }
    }

    /// Posts the events of a range in batches of 1,000.
    func postBatches(_ events: Range<Int>, connections: Int) async throws {
        let queue = EventQueue(0..<((events.count + 999) / 1000))
        try await withClients(connections, nil) { client in
            while let batch = queue.next() {
                let first = events.lowerBound + batch * 1000
                let items = (first..<min(first + 1000, events.upperBound)).map(BenchEvent.json)
                try await client.post("[" + items.joined(separator: ",") + "]", number: first)
            }
        }
    }

    private func withClients(
        _ count: Int, _ observer: Observer?, _ body: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<count {
                let client = try await Client.connect(group: group, port: port, token: token, observer)
                tasks.addTask {
                    try await body(client)
                    try await client.close()
                }
            }
            try await tasks.waitForAll()
        }
    }

    /// Numbers that several connections take from.
    private final class EventQueue: Sendable {
        private let position: Atomic<Int>
        private let end: Int

        init(_ events: Range<Int>) {
            position = Atomic(events.lowerBound)
            end = events.upperBound
        }

        func next() -> Int? {
            let event = position.wrappingAdd(1, ordering: .relaxed).oldValue
            return event < end ? event : nil
        }
    }
}

/// One connection to the sidecar.
private final class Client: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>
    private let head: String

    private init(channel: any Channel, handler: NIOLoopBound<Handler>, head: String) {
        self.channel = channel
        self.handler = handler
        self.head = head
    }

    static func connect(
        group: any EventLoopGroup, port: Int, token: String, _ observer: Producer.Observer?
    ) async throws -> Client {
        let head = """
            POST /api/v1/events HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Authorization: Bearer \(token)\r
            Content-Type: application/json\r

            """
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(observer))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let handler = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: Handler.self), eventLoop: channel.eventLoop)
        }.get()
        return Client(channel: channel, handler: handler, head: head)
    }

    /// Returns when the answer is there; a refusal is an error.
    func post(_ body: String, number: Int, at due: NIODeadline? = nil) async throws {
        let request = ByteBuffer(string: "\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let send: @Sendable () -> Void = { [handler] in handler.value.send(request, number: number, promise) }
        if let due {
            channel.eventLoop.scheduleTask(deadline: due, send)
        } else {
            channel.eventLoop.execute(send)
        }
        try await promise.futureResult.get()
    }

    func close() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var scanner = MessageScanner()
        private var context: ChannelHandlerContext?
        private var waiting: (promise: EventLoopPromise<Void>, number: Int, sent: NIODeadline)?
        private let observer: Producer.Observer?

        init(_ observer: Producer.Observer?) { self.observer = observer }

        func send(_ request: ByteBuffer, number: Int, _ promise: EventLoopPromise<Void>) {
            guard let context, context.channel.isActive else {
                return promise.fail(BenchmarkFailure("the sidecar closed a connection"))
            }
            waiting = (promise, number, .now())
            context.writeAndFlush(NIOAny(request), promise: nil)
        }

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            scanner.receive(unwrapInboundIn(data)) { head, body in
                guard let waiting else { return }
                self.waiting = nil
                // `HTTP/1.1 202`
                guard head[9] == UInt8(ascii: "2") else {
                    let text = String(decoding: head, as: UTF8.self) + String(decoding: body, as: UTF8.self)
                    return waiting.promise.fail(BenchmarkFailure("the sidecar answered \(text)"))
                }
                observer?(waiting.number, waiting.sent, .now())
                waiting.promise.succeed()
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            waiting?.promise.fail(BenchmarkFailure("the sidecar closed a connection"))
            waiting = nil
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
