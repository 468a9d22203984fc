import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import OutboundHTTP

/// A connection on an event loop whose time the test moves.
struct ConnectionTests {
    private final class Bench {
        let channel = EmbeddedChannel()
        let connection: Connection
        let outcomes = Outcomes()
        private let target: OutboundTarget

        init() throws {
            target = try OutboundTarget("http://127.0.0.1:80/")
            let settings = ClientSettings(
                limits: ClientLimits(), policy: .loopback, defaultTLS: try sharedProfile.get(), proxy: nil)
            let lane = Lane(loop: channel.embeddedEventLoop, settings: settings, resolver: StubResolver())
            let remote = RemoteAddress(address: .v4(0x7f00_0001), port: 80)
            let pool = TargetPool(
                key: PoolKey(remote: remote, tls: nil, tunnel: nil), lane: lane, settings: settings)
            connection = Connection(
                remote: remote, pool: pool, settings: settings, connectTiming: ExchangeTiming())
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).wait()
            try channel.pipeline.syncOperations.addHandler(connection)
        }

        func start(timeout: Duration) {
            let request = RequestTemplate(target: target).request(timeout: timeout)
            let outcomes = outcomes
            connection.start(
                Exchange(request: request, started: channel.embeddedEventLoop.now, token: nil) {
                    outcomes.add($0)
                })
        }

        func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
        func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
    }

    private final class Outcomes: Sendable {
        private let list = Mutex<[OutboundOutcome]>([])

        func add(_ outcome: OutboundOutcome) { list.withLock { $0.append(outcome) } }
        var all: [OutboundOutcome] { list.withLock { $0 } }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ])
    func `a head in time counts, the body is cut at the deadline`(_ answer: String) throws {
        let bench = try Bench()
        bench.start(timeout: .seconds(15))
        bench.advance(.seconds(14))
        try bench.receive(answer)
        bench.advance(.milliseconds(999))
        #expect(bench.outcomes.all.isEmpty)
        bench.advance(.milliseconds(1))
        let response = bench.outcomes.all.first?.response
        #expect(response?.text == "hello")
        #expect(response?.truncation == .deadline)
        #expect(response?.timing.firstByte == .seconds(14))
        #expect(response?.timing.total == .seconds(15))
        #expect(!bench.channel.isActive)
    }

    @Test(arguments: [true, false])
    func `an answer that overtakes a part of its request ends the connection`(_ isWhole: Bool) throws {
        let bench = try Bench()
        bench.start(timeout: .seconds(15))
        bench.channel.isWritable = isWhole
        try bench.receive("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        #expect(bench.outcomes.all.first?.response?.status == 413)
        #expect(bench.channel.isActive == isWhole)
    }

    @Test func `bytes that drip do not move the deadline`() throws {
        let bench = try Bench()
        bench.start(timeout: .seconds(15))
        try bench.receive("HTTP/1.1 200 OK\r\nX-A: ")
        for _ in 0..<14 {
            bench.advance(.seconds(1))
            try bench.receive("a")
        }
        #expect(bench.outcomes.all.isEmpty)
        bench.advance(.seconds(1))
        #expect(bench.outcomes.all.first?.failure?.class == .timeout)
    }

    @Test func `each exchange has its own deadline, earlier or later than the last`() throws {
        let bench = try Bench()
        for timeout in [60, 1, 30] as [Int64] {
            bench.start(timeout: .seconds(timeout))
            bench.advance(.milliseconds(timeout * 1000 - 1))
            try bench.receive("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            bench.advance(.seconds(1))
        }
        #expect(bench.outcomes.all.compactMap(\.response?.status) == [200, 200, 200])
        bench.start(timeout: .seconds(2))
        bench.advance(.seconds(2))
        #expect(bench.outcomes.all.last?.failure?.class == .timeout)
        #expect(bench.outcomes.all.last?.timing.total == .seconds(2))
    }
}
