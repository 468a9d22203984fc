import NIOCore
import NIOPosix

/// Posts events to the sidecar over a fixed number of connections, each waiting for its answer before it goes on.
///
/// Everything of a connection happens on its event loop, from prepared bytes, so that what is measured is not the
/// producer.
final class Producer: Sendable {
    /// Called on the producer's event loop when an event was answered with 202, and when it was sent.
    typealias Observer = @Sendable (_ event: Int, _ sent: NIODeadline, _ answered: NIODeadline) -> Void

    /// Events in one request of `postBatches`.
    static let batch = 1000

    private let group: any EventLoopGroup
    private let port: Int
    private let token: String

    init(group: any EventLoopGroup, port: Int, token: String) {
        self.group = group
        self.port = port
        self.token = token
    }

    /// Posts the events of a range as fast as the answers come.
    func post(_ events: Range<Int>, inEachRequest count: Int = 1, connections: Int) async throws {
        try await run(work(events, eventsInRequest: count), connections)
    }

    /// Posts the events of a range at a steady rate, whether or not the answers keep up.
    func post(_ events: Range<Int>, perSecond: Int, connections: Int, observer: @escaping Observer)
        async throws
    {
        let pace = ProducerWork.Pace(
            start: NIODeadline.now() + .milliseconds(100),
            step: .nanoseconds(1_000_000_000 / Int64(perSecond)))
        try await run(work(events, eventsInRequest: 1, pace, observer), connections)
    }

    /// Posts the events of a range in batches.
    func postBatches(_ events: Range<Int>, connections: Int) async throws {
        try await run(work(events, eventsInRequest: Self.batch), connections)
    }

    private func work(
        _ events: Range<Int>, eventsInRequest: Int, _ pace: ProducerWork.Pace? = nil,
        _ observer: Observer? = nil
    ) -> ProducerWork {
        ProducerWork(
            events: events, eventsInRequest: eventsInRequest,
            head: """
                POST /api/v1/events HTTP/1.1\r
                Host: 127.0.0.1:\(port)\r
                Authorization: Bearer \(token)\r
                Content-Type: application/json\r

                """, pace: pace, observer: observer)
    }

    private func run(_ work: ProducerWork, _ connections: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<connections {
                tasks.addTask { [port, group] in
                    let done = group.next().makePromise(of: Void.self)
                    let channel = ClientBootstrap(group: group)
                        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                        .channelInitializer { channel in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(ProducerHandler(work, done))
                            }
                        }
                        .connect(host: "127.0.0.1", port: port)
                    channel.cascadeFailure(to: done)
                    try await done.futureResult.get()
                }
            }
            try await tasks.waitForAll()
        }
    }
}
