import NIOCore

extension Lane {
    /// Ends the exchange of that token, wherever it is.
    func cancel(_ token: CancellationToken) {
        endWaiting("cancelled") { $0.token === token }
        for connection in Array(connections.values) where connection.carries(token) {
            connection.abandon(.reset, "cancelled")
        }
    }

    /// Takes no more requests; returns when no exchange is under way and no connection open: by itself, or
    /// forced after `grace`.
    func shutdown(grace: TimeAmount) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute { self.beginDraining(grace: grace) { continuation.resume() } }
        }
    }

    /// Tells whoever shuts down when there is nothing left.
    func reportIfDrained() {
        guard let onDrained, connections.isEmpty, pools.values.allSatisfy(\.isEmpty),
            origins.values.allSatisfy(\.waiting.isEmpty)
        else { return }
        self.onDrained = nil
        sweeper?.stop()
        pools.removeAll()
        origins.removeAll()
        onDrained()
    }

    private func beginDraining(grace: TimeAmount, _ onDrained: @escaping () -> Void) {
        precondition(!isDraining, "a client is shut down once")
        isDraining = true
        let force = loop.scheduleTask(in: grace) { self.force() }
        self.onDrained = {
            force.cancel()
            onDrained()
        }
        for pool in Array(pools.values) { pool.closeIdle { _ in true } }
        reportIfDrained()
    }

    private func force() {
        endWaiting("the client is shut down") { _ in true }
        for pool in Array(pools.values) { pool.abortAttempts("the client is shut down") }
        for connection in Array(connections.values) { connection.abandon(.reset, "the client is shut down") }
        reportIfDrained()
    }

    private func endWaiting(_ reason: String, where isUnwanted: (Exchange) -> Bool) {
        for origin in Array(origins.values) { origin.failWaiting(.reset, reason, where: isUnwanted) }
        for pool in Array(pools.values) { pool.failWaiters(.reset, reason, where: isUnwanted) }
    }
}
