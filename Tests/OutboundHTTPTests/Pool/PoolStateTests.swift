import Testing

@testable import OutboundHTTP

struct PoolStateTests {
    private final class Line {}

    private struct Waiter: PoolWaiter, Equatable {
        let id: Int
        var needsFreshConnection = false
    }

    private typealias State = PoolState<Line, Waiter>

    /// What an answer of the books amounts to.
    private enum Seen: Equatable {
        case connect, wait, refused, park, close
        case serve(Int)

        init(_ admission: State.Admission) {
            switch admission {
            case .connect: self = .connect
            case .wait: self = .wait
            case .refused: self = .refused
            }
        }

        init(_ placement: State.Placement) {
            switch placement {
            case .serve(let waiter): self = .serve(waiter.id)
            case .park: self = .park
            case .close: self = .close
            }
        }
    }

    @Test func `connects up to the limit, then waits, then refuses`() {
        var state = State(maxConnections: 2, maxWaiters: 3)
        #expect((0..<4).map { Seen(state.enqueue(Waiter(id: $0))) } == [.connect, .connect, .wait, .refused])
    }

    @Test func `serves in the order of arrival`() {
        var state = State(maxConnections: 1, maxWaiters: 9)
        let line = Line()
        for id in 0..<3 { _ = state.enqueue(Waiter(id: id)) }
        #expect(Seen(state.connected(line)) == .serve(0))
        #expect(Seen(state.released(line)) == .serve(1))
        #expect(Seen(state.released(line)) == .serve(2))
        #expect(Seen(state.released(line)) == .park)
        #expect(state.leasedCount == 0)
    }

    @Test func `takes the connection that was used last`() {
        var state = State(maxConnections: 2, maxWaiters: 9)
        let lines = [Line(), Line()]
        for line in lines {
            _ = state.enqueue(Waiter(id: 0))
            _ = state.connected(line)
        }
        for line in lines { _ = state.released(line) }
        let leased = (0..<3).map { _ in state.lease() }
        #expect(leased.map { line in lines.firstIndex { $0 === line } } == [1, 0, nil])
    }

    @Test func `a failed attempt is borne by the oldest, and the next begins`() {
        var state = State(maxConnections: 1, maxWaiters: 9)
        for id in 0..<2 { _ = state.enqueue(Waiter(id: id)) }
        let failed = state.connectFailed()
        #expect(failed?.id == 0)
        let isConnecting = state.startConnecting()
        #expect(isConnecting)
        let isConnectingAgain = state.startConnecting()
        #expect(!isConnectingAgain)
    }

    @Test func `a lost connection makes room for who waits`() {
        var state = State(maxConnections: 1, maxWaiters: 9)
        _ = state.enqueue(Waiter(id: 0))
        _ = state.connected(Line())
        #expect(Seen(state.enqueue(Waiter(id: 1))) == .wait)
        state.lostLeased()
        let isConnecting = state.startConnecting()
        #expect(isConnecting)
    }

    @Test func `who needs a fresh connection gets no used one`() {
        var state = State(maxConnections: 2, maxWaiters: 9)
        let lines = [Line(), Line()]
        for line in lines {
            _ = state.enqueue(Waiter(id: 0))
            _ = state.connected(line)
        }
        #expect(Seen(state.enqueue(Waiter(id: 1, needsFreshConnection: true))) == .wait)
        #expect(Seen(state.released(lines[0])) == .close)
        let isConnecting = state.startConnecting()
        #expect(isConnecting)
        #expect(Seen(state.enqueue(Waiter(id: 2))) == .wait)
        #expect(Seen(state.released(lines[1])) == .serve(2))
        #expect(Seen(state.connected(Line())) == .serve(1))
    }

    @Test func `an idle connection gives way to a fresh one`() {
        var state = State(maxConnections: 1, maxWaiters: 9)
        let line = Line()
        _ = state.enqueue(Waiter(id: 0))
        _ = state.connected(line)
        _ = state.released(line)
        #expect(Seen(state.enqueue(Waiter(id: 1, needsFreshConnection: true))) == .wait)
        let evicted = state.evictForFresh()
        #expect(evicted === line)
        let isConnecting = state.startConnecting()
        #expect(isConnecting)
    }

    @Test func `forgets idle connections and waiters`() {
        var state = State(maxConnections: 1, maxWaiters: 9)
        let line = Line()
        _ = state.enqueue(Waiter(id: 0))
        _ = state.connected(line)
        _ = state.enqueue(Waiter(id: 1))
        let forgotten = state.removeWaiters { $0.id == 1 }
        #expect(forgotten == [Waiter(id: 1)])
        _ = state.released(line)
        let closed = state.removeIdle { _ in true }
        #expect(closed.count == 1)
        let wasIdle = state.lostIdle(line)
        #expect(!wasIdle)
        #expect(state.isEmpty)
    }
}
