import NIOCore

/// The connections to one checked address: performs what `PoolState` decides. Confined to its event loop.
final class TargetPool {
    let key: PoolKey
    private let lane: Lane
    private let settings: ClientSettings
    private var state: PoolState<Connection, Exchange>
    private var waiterTimer: LazyTimer?
    private var attempts: [ObjectIdentifier: ConnectAttempt] = [:]

    init(key: PoolKey, lane: Lane, settings: ClientSettings) {
        self.key = key
        self.lane = lane
        self.settings = settings
        state = PoolState(
            maxConnections: settings.limits.maxConnectionsPerTarget,
            maxWaiters: settings.limits.maxWaitingPerTarget)
    }

    var loop: any EventLoop { lane.loop }

    /// Nothing here and nothing to come.
    var isEmpty: Bool { state.isEmpty }

    var idleDeadlines: [NIODeadline] { state.idle.map(\.idleDeadline) }

    /// An idle connection that is young enough, now leased.
    func lease(now: NIODeadline) -> Connection? {
        while let connection = state.lease() {
            if connection.idleDeadline > now { return connection }
            state.lostLeased()
            connection.abandon(.reset, "idle for too long")
        }
        return nil
    }

    /// Waits for a connection, and makes one if there may be more.
    func enqueue(_ exchange: Exchange) {
        switch state.enqueue(exchange) {
        case .connect: connect(exchange)
        case .wait: makeRoom()
        case .refused(let exchange):
            let limit = settings.limits.maxWaitingPerTarget
            return exchange.fail(
                .connect, "more than \(limit) requests wait for a connection", remote: key.remote,
                now: loop.now)
        }
        armTimer(for: exchange.deadline)
    }

    /// Sends a request that was surely not processed again, once, on a fresh connection.
    func resend(_ exchange: Exchange) {
        guard !exchange.isRepeat else {
            return exchange.fail(
                .reset, "the connection ended without an answer", remote: key.remote, now: loop.now)
        }
        exchange.isRepeat = true
        lane.dispatch(exchange)
    }

    // MARK: - From connections

    func released(_ connection: Connection) {
        place(connection, state.released(connection))
    }

    /// A connection in use is of no further use.
    func lost(_ connection: Connection) {
        state.lostLeased()
        connectForWaiters()
    }

    /// An idle connection is of no further use, though it may take a while to close.
    func forget(_ connection: Connection) {
        if state.lostIdle(connection) { connectForWaiters() }
    }

    func closed(_ connection: Connection) {
        forget(connection)
        lane.closed(connection)
    }

    // MARK: - From the lane

    func closeIdle(where isUnwanted: (Connection) -> Bool) {
        for connection in state.removeIdle(where: isUnwanted) { connection.abandon(.reset, "idle") }
    }

    func failWaiters(_ kind: OutboundFailure.Class, _ message: String, where isUnwanted: (Exchange) -> Bool) {
        for exchange in state.removeWaiters(where: isUnwanted) {
            exchange.fail(kind, message, remote: key.remote, now: loop.now)
        }
    }

    func abortAttempts(_ reason: String) {
        for attempt in Array(attempts.values) { attempt.abort(reason) }
    }

    // MARK: - Steps

    /// Each new connection is checked again, whatever was decided when the name was resolved.
    private func connect(_ exchange: Exchange?) {
        if let objection = settings.objection(to: [key.remote.address], port: key.remote.port) {
            return connectFailed(ConnectFailure(.blocked, objection.description))
        }
        let addresses = max(1, exchange?.candidates.count ?? 1)
        let timeout = TimeAmount(settings.limits.connectTimeout / addresses)
        let attempt = ConnectAttempt(key: key, timeout: timeout, settings: settings, loop: loop) {
            attempt, result in
            self.attempts[ObjectIdentifier(attempt)] = nil
            switch result {
            case .success((let channel, let timing)): self.connected(channel, timing)
            case .failure(let failure): self.connectFailed(failure)
            }
        }
        attempts[ObjectIdentifier(attempt)] = attempt
        attempt.start()
    }

    private func connected(_ channel: any Channel, _ timing: ExchangeTiming) {
        let connection = Connection(remote: key.remote, pool: self, settings: settings, connectTiming: timing)
        do {
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            return connectFailed(ConnectFailure(tcp: error))
        }
        lane.opened(connection)
        place(connection, state.connected(connection))
    }

    private func connectFailed(_ failure: ConnectFailure) {
        let waiter = state.connectFailed()
        connectForWaiters()
        if let waiter { lane.failed(waiter, at: self, failure) }
    }

    private func place(_ connection: Connection, _ placement: PoolState<Connection, Exchange>.Placement) {
        switch placement {
        case .serve(let exchange): connection.start(exchange)
        case .park where lane.isDraining: closeIdle { $0 === connection }
        case .park: break
        case .close:
            connection.abandon(.reset, "replaced")
            connectForWaiters()
        }
    }

    /// Gives up an idle connection for someone who waits and cannot use it.
    private func makeRoom() {
        guard let victim = state.evictForFresh() else { return }
        victim.abandon(.reset, "replaced")
        connectForWaiters()
    }

    private func connectForWaiters() {
        while state.startConnecting() { connect(state.waiters.first) }
    }

    private func armTimer(for deadline: NIODeadline) {
        if waiterTimer == nil {
            waiterTimer = LazyTimer(loop: loop) { [weak self] in self?.expireWaiters() }
        }
        waiterTimer?.fire(by: deadline)
    }

    private func expireWaiters() -> NIODeadline? {
        let now = loop.now
        for exchange in state.removeWaiters(where: { $0.deadline <= now }) {
            exchange.fail(
                .timeout, "the deadline passed while waiting for a connection", remote: key.remote, now: now)
        }
        lane.reportIfDrained()
        return state.waiters.map(\.deadline).min()
    }
}
