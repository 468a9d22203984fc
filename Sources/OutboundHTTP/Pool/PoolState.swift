import NIOCore

/// Something that waits for a connection.
protocol PoolWaiter {
    /// Whether only a connection that never served a request will do.
    var needsFreshConnection: Bool { get }
}

/// The books of a pool: which connections are idle, how many more exist, who waits. Pure.
struct PoolState<Connection: AnyObject, Waiter: PoolWaiter> {
    enum Admission { case connect, wait, refused(Waiter) }
    /// What becomes of a connection that is free.
    enum Placement { case serve(Waiter), park, close }

    private let maxConnections: Int
    private let maxWaiters: Int
    /// The last used is taken first, so that the others may grow old.
    private(set) var idle: [Connection] = []
    private(set) var leasedCount = 0
    private(set) var connectingCount = 0
    private(set) var waiters = CircularBuffer<Waiter>()

    init(maxConnections: Int, maxWaiters: Int) {
        self.maxConnections = maxConnections
        self.maxWaiters = maxWaiters
    }

    var isEmpty: Bool { idle.isEmpty && leasedCount == 0 && connectingCount == 0 && waiters.isEmpty }

    private var count: Int { idle.count + leasedCount + connectingCount }

    /// Takes the last used idle connection.
    mutating func lease() -> Connection? {
        guard let connection = idle.popLast() else { return nil }
        leasedCount += 1
        return connection
    }

    /// Queues a waiter that got none; `connect` asks for an attempt, which ends in `connected` or
    /// `connectFailed`.
    mutating func enqueue(_ waiter: Waiter) -> Admission {
        guard waiters.count < maxWaiters else { return .refused(waiter) }
        waiters.append(waiter)
        return startConnecting() ? .connect : .wait
    }

    /// Whether one more attempt should start for those who wait; counts it.
    mutating func startConnecting() -> Bool {
        guard connectingCount < waiters.count, count < maxConnections else { return false }
        connectingCount += 1
        return true
    }

    /// An idle connection to give up, because someone waits who cannot use it and there is no room for a
    /// fresh one.
    mutating func evictForFresh() -> Connection? {
        guard connectingCount < waiters.count, count >= maxConnections, !idle.isEmpty else { return nil }
        return idle.removeFirst()
    }

    mutating func connected(_ connection: Connection) -> Placement {
        connectingCount -= 1
        guard let waiter = waiters.popFirst() else {
            idle.append(connection)
            return .park
        }
        leasedCount += 1
        return .serve(waiter)
    }

    /// The oldest waiter bears a failed attempt; `nil` if nobody waits any more.
    mutating func connectFailed() -> Waiter? {
        connectingCount -= 1
        return waiters.popFirst()
    }

    /// A leased connection is free again.
    mutating func released(_ connection: Connection) -> Placement {
        if let index = waiters.firstIndex(where: { !$0.needsFreshConnection }) {
            return .serve(waiters.remove(at: index))
        }
        leasedCount -= 1
        if connectingCount < waiters.count, count + 1 >= maxConnections { return .close }
        idle.append(connection)
        return .park
    }

    /// A leased connection is gone.
    mutating func lostLeased() { leasedCount -= 1 }

    /// An idle connection is gone; `false` when it was not idle.
    mutating func lostIdle(_ connection: Connection) -> Bool {
        guard let index = idle.lastIndex(where: { $0 === connection }) else { return false }
        idle.remove(at: index)
        return true
    }

    mutating func removeIdle(where isUnwanted: (Connection) -> Bool) -> [Connection] {
        let unwanted = idle.filter(isUnwanted)
        if !unwanted.isEmpty { idle.removeAll(where: isUnwanted) }
        return unwanted
    }

    mutating func removeWaiters(where isUnwanted: (Waiter) -> Bool) -> [Waiter] {
        let unwanted = Array(waiters.lazy.filter(isUnwanted))
        if !unwanted.isEmpty { waiters.removeAll(where: isUnwanted) }
        return unwanted
    }
}
