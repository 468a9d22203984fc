package import Store

/// Holds the lease for applies while something runs under it.
package struct LeaseKeeper: Sendable {
    private let store: Store
    private let holder: Lease.Holder
    private let isAlive: @Sendable (Int32) -> Bool
    private let clock: any WallClock

    /// A third of the time that a holder may be silent.
    static let heartbeat = Lease.duration / 3

    package init(
        store: Store, holder: Lease.Holder, isAlive: @escaping @Sendable (Int32) -> Bool, clock: any WallClock
    ) {
        self.store = store
        self.holder = holder
        self.isAlive = isAlive
        self.clock = clock
    }

    /// Takes the lease, renews it until `body` is done, and gives it back, also when `body` throws.
    ///
    /// - Throws: `StoreError.leaseHeld` naming the owner; what `body` throws. A lease that was lost meanwhile shows in
    ///   what `body` writes under it.
    package func withLease<Result: Sendable>(
        _ body: @escaping @Sendable (Lease) async throws -> Result
    ) async throws -> Result {
        let lease = try await store.takeLease(holder, now: clock.now(), isAlive: isAlive)
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await renew() }
            defer { group.cancelAll() }
            return await Swift.Result<Result, any Error>.catching { try await body(lease) }
        }
        try await store.releaseLease(lease)
        return try result.get()
    }

    /// Renews the lease until it is cancelled, or until somebody else has it.
    private func renew() async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: Self.heartbeat)
                _ = try await store.takeLease(holder, now: clock.now(), isAlive: isAlive)
            } catch {
                // Cancelled, or lost: the write that checks the lease says so.
                return
            }
        }
    }
}

extension Result where Failure == any Error {
    /// The outcome of an asynchronous body as a value.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Result {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
