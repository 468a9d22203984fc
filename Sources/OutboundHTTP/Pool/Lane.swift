import NIOCore

/// A client's part on one event loop: resolution, guard and pools. Nothing here leaves the loop.
final class Lane: @unchecked Sendable {
    let loop: any EventLoop
    let settings: ClientSettings
    private let resolver: any AddressResolver
    var origins: [OriginKey: Origin] = [:]
    var pools: [PoolKey: TargetPool] = [:]
    var connections: [ObjectIdentifier: Connection] = [:]
    var sweeper: LazyTimer?
    /// What waits for the last exchange to end.
    var onDrained: (() -> Void)?
    var isDraining = false

    init(loop: any EventLoop, settings: ClientSettings, resolver: any AddressResolver) {
        self.loop = loop
        self.settings = settings
        self.resolver = resolver
    }

    /// Takes a request on.
    func execute(_ exchange: Exchange) {
        loop.preconditionInEventLoop()
        guard !isDraining else { return exchange.fail(.connect, "the client is shut down", now: loop.now) }
        guard exchange.token?.isCancelled != true else {
            return exchange.fail(.reset, "cancelled", now: loop.now)
        }
        let origin = origin(of: exchange.request.target)
        origin.lastUsed = exchange.started
        switch origin.resolution {
        case .resolved(let pools, let until) where until > exchange.started: dispatch(exchange, to: pools)
        case .resolving: wait(exchange, origin)
        case .unresolved, .resolved: resolve(exchange, origin)
        }
    }

    /// Sends an exchange to the candidate that it is at.
    func dispatch(_ exchange: Exchange) { listed(exchange.candidates[exchange.candidate]).enqueue(exchange) }

    private func dispatch(_ exchange: Exchange, to pools: [TargetPool]) {
        exchange.candidates = pools
        for (index, pool) in pools.enumerated() {
            if let connection = pool.lease(now: exchange.started) {
                exchange.candidate = index
                return connection.start(exchange)
            }
        }
        dispatch(exchange)
    }

    // MARK: - Resolution

    private func origin(of target: OutboundTarget) -> Origin {
        let key = target.originKey
        if let origin = origins[key] { return origin }
        let origin = Origin(key: key, loop: loop)
        origins[key] = origin
        return origin
    }

    private func resolve(_ exchange: Exchange, _ origin: Origin) {
        if let objection = settings.objection(to: exchange.request.target) {
            return exchange.fail(.blocked, objection.description, now: loop.now)
        }
        switch settings.proxy?.host ?? origin.key.host {
        case .address(let address):
            let pools = [pool(for: address, origin)]
            origin.resolution = .resolved(pools, until: .distantFuture)
            dispatch(exchange, to: pools)
        case .name(let name):
            origin.lookup += 1
            origin.resolution = .resolving
            wait(exchange, origin)
            look(up: name, for: origin)
        }
    }

    private func look(up name: String, for origin: Origin) {
        let lookup = origin.lookup
        let bound = NIOLoopBound(origin, eventLoop: loop)
        resolver.resolve(name) { result in
            self.loop.execute { self.resolved(bound.value, lookup, result) }
        }
        let timeout = settings.limits.resolveTimeout
        loop.scheduleTask(in: TimeAmount(timeout)) {
            self.resolved(
                bound.value, lookup,
                .failure(ResolutionError("no answer from the resolver within \(timeout)")))
        }
    }

    private func wait(_ exchange: Exchange, _ origin: Origin) {
        let limit = settings.limits.maxWaitingPerTarget
        guard origin.waiting.count < limit else {
            return exchange.fail(
                .dns, "more than \(limit) requests wait for the name to be resolved", now: loop.now)
        }
        origin.waiting.append(exchange)
        if origin.timer == nil {
            origin.timer = LazyTimer(loop: loop) { [weak origin] in origin?.expireWaiting() }
        }
        origin.timer?.fire(by: exchange.deadline)
    }

    /// The first answer of a lookup counts; the others are late.
    private func resolved(_ origin: Origin, _ lookup: Int, _ result: Result<[IPAddress], ResolutionError>) {
        guard origin.lookup == lookup, case .resolving = origin.resolution else { return }
        let now = loop.now
        let answered = origin.waiting
        for exchange in answered { exchange.timing.dns = TimeAmount(from: exchange.started, to: now) }
        origin.waiting.removeAll()
        origin.resolution = .unresolved
        switch check(result, port: origin.key.port) {
        case .failure(let failure):
            for exchange in answered { exchange.fail(failure.kind, failure.message, now: now) }
        case .success(let addresses):
            // All were checked; nobody tries more than a few.
            let pools = addresses.prefix(4).map { pool(for: $0, origin) }
            origin.resolution = .resolved(pools, until: now + TimeAmount(settings.limits.resolutionLifetime))
            for exchange in answered { dispatch(exchange, to: pools) }
        }
        reportIfDrained()
    }

    /// One address that is refused taints the name.
    private func check(
        _ result: Result<[IPAddress], ResolutionError>, port: Int
    ) -> Result<[IPAddress], ConnectFailure> {
        switch result {
        case .failure(let error): return .failure(ConnectFailure(.dns, error.description))
        case .success(let addresses) where addresses.isEmpty:
            return .failure(ConnectFailure(.dns, "the name has no addresses"))
        case .success(let addresses):
            guard let objection = settings.objection(to: addresses, port: port) else {
                return .success(addresses)
            }
            return .failure(ConnectFailure(.blocked, objection.description))
        }
    }

    private func pool(for address: IPAddress, _ origin: Origin) -> TargetPool {
        let target = origin.key
        var tls: PoolKey.TLSIdentity?
        if target.scheme == .https {
            tls = PoolKey.TLSIdentity(
                serverName: target.host.serverName, profile: target.tls ?? settings.defaultTLS)
        }
        let key = PoolKey(
            remote: RemoteAddress(address: address, port: settings.proxy?.port ?? target.port), tls: tls,
            tunnel: settings.proxy != nil && tls != nil ? "\(target.host.text):\(target.port)" : nil)
        return listed(pools[key] ?? TargetPool(key: key, lane: self, settings: settings))
    }

    /// The pool in use for a key: an exchange may have held one that was swept away meanwhile.
    private func listed(_ pool: TargetPool) -> TargetPool {
        if let current = pools[pool.key] { return current }
        pools[pool.key] = pool
        return pool
    }

    // MARK: - From pools

    func opened(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        if connections.count > settings.limits.maxOpenConnections { closeOlderHalf() }
        startSweeping()
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        reportIfDrained()
    }

    /// No connection to a candidate: the next one's turn, or the end.
    func failed(_ exchange: Exchange, at pool: TargetPool, _ failure: ConnectFailure) {
        origins[exchange.request.target.originKey]?.demote(pool)
        exchange.candidate += 1
        if exchange.candidate < exchange.candidates.count, failure.kind != .blocked {
            return dispatch(exchange)
        }
        exchange.timing.connect = failure.timing.connect
        exchange.timing.tls = failure.timing.tls
        exchange.fail(failure.kind, failure.message, remote: pool.key.remote, now: loop.now)
        reportIfDrained()
    }
}
