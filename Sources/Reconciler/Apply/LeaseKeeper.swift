package import Store

/// Holds the lease for applies while something runs under it.
package struct LeaseKeeper: Sendable {
    private let store: Store
    private let holder: Lease.Holder
    private let isAlive: @Sendable (Int32) -> Bool
    private let clock: any WallClock
    private let warn: @Sendable (String) -> Void

    /// - Parameter warn: told when the lease cannot be renewed or given back, and when it can again.
    package init(
        store: Store, holder: Lease.Holder, isAlive: @escaping @Sendable (Int32) -> Bool,
        clock: any WallClock, warn: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.holder = holder
        self.isAlive = isAlive
        self.clock = clock
        self.warn = warn
    }

    /// Takes the lease, renews it until `body` is done, and gives it back, also when `body` throws.
    ///
    /// A renewal that fails is tried again until another apply has the lease; what `body` writes under a lease that was
    /// lost is not written. A lease that cannot be given back changes nothing about what `body` did: it expires.
    ///
    /// - Throws: `StoreError.leaseHeld` naming the owner; what `body` throws.
    package func withLease<Result: Sendable>(
        _ body: @escaping @Sendable (Lease, LeaseRenewal) async throws -> Result
    ) async throws -> Result {
        let lease = try await store.takeLease(holder, now: clock.now(), isAlive: isAlive)
        let renewal = LeaseRenewal()
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await renew(lease, renewal) }
            defer { group.cancelAll() }
            return await Swift.Result<Result, any Error>.catching { try await body(lease, renewal) }
        }
        do {
            try await store.releaseLease(lease)
        } catch {
            warn(
                "cannot give back the lease for applies: \(error); others have it when this process has ended, or \(Lease.duration.components.seconds) s after its last heartbeat"
            )
        }
        return try result.get()
    }

    /// Renews the lease until it is cancelled, or until somebody else has it.
    private func renew(_ taken: Lease, _ renewal: LeaseRenewal) async {
        var lease = taken
        while !Task.isCancelled {
            do { try await clock.sleep(for: Lease.renewalInterval) } catch { return }
            do {
                lease = try await store.takeLease(holder, now: clock.now(), isAlive: isAlive)
                if let failure = renewal.succeed() {
                    warn("the lease for applies is renewed again, after failing since \(failure.since)")
                }
            } catch {
                let (failure, isFirst) = renewal.fail("\(error)", now: clock.now())
                if case StoreError.leaseHeld = error {
                    return warn("the lease for applies is lost, and this apply will write nothing: \(error)")
                }
                guard isFirst else { continue }
                warn(
                    "cannot renew the lease for applies: \(failure.reason); it is tried again every \(Lease.renewalInterval.components.seconds) s, and from \(lease.expires) on another apply may take it over, after which this one writes nothing"
                )
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
