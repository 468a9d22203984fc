import NIOCore

extension Lane {
    /// Closes connections that have been idle for too long and forgets addresses that are no longer used, so
    /// that memory follows what is in use. Runs only while there is something to forget.
    func startSweeping() {
        if sweeper == nil { sweeper = LazyTimer(loop: loop) { [weak self] in self?.sweep() } }
        sweeper?.fire(by: loop.now + sweepInterval)
    }

    /// Makes room when there are too many connections: the idle ones that were used longest ago, half of them
    /// at a time, so that the search pays.
    func closeOlderHalf() {
        let deadlines = pools.values.flatMap(\.idleDeadlines).sorted()
        guard !deadlines.isEmpty else { return }
        let limit = deadlines[(deadlines.count - 1) / 2]
        for pool in Array(pools.values) { pool.closeIdle { $0.idleDeadline <= limit } }
    }

    private var sweepInterval: TimeAmount { max(.seconds(1), TimeAmount(settings.limits.idleTimeout / 2)) }

    private func sweep() -> NIODeadline? {
        let now = loop.now
        let oldest = now - TimeAmount(settings.limits.idleTimeout)
        for pool in Array(pools.values) { pool.closeIdle { $0.idleDeadline <= now } }
        origins = origins.filter { !$0.value.waiting.isEmpty || $0.value.lastUsed > oldest }
        let used = Set(origins.values.flatMap(\.pools).map(\.key))
        pools = pools.filter { !$0.value.isEmpty || used.contains($0.key) }
        return origins.isEmpty && pools.isEmpty || isDraining ? nil : now + sweepInterval
    }
}
