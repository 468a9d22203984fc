package import Store

/// What `status` shows of a state: where syncing stands, who applies, what was applied, how each resource is.
package struct SyncStatus: Sendable, Equatable {
    package let sync: SyncRecord
    package let serial: Int64
    /// Who applies at this moment.
    package let lease: Lease?
    /// Newest first.
    package let revisions: [Revision]
    /// By kind and name.
    package let resources: [ResourceStatus]
    /// The moment that ages are counted from.
    package let now: UnixTime

    package init(
        sync: SyncRecord, live: LiveConfiguration, lease: Lease?, revisions: [Revision],
        secrets: [SecretStatus],
        pending: [String: Int], now: UnixTime
    ) {
        self.sync = sync
        serial = live.serial
        self.lease = lease
        self.revisions = revisions
        self.now = now
        let problems = Dictionary(secrets.lazy.map { ($0.name, $0.problem) }) { first, _ in first }
        resources = live.resources.map { ResourceStatus($0, problems: problems, pending: pending) }
    }

    /// Reads everything from a state.
    package static func read(from store: Store, now: UnixTime, revisionLimit: Int = 5) async throws
        -> SyncStatus
    {
        SyncStatus(
            sync: try await store.syncRecord(), live: try await store.liveConfiguration(),
            lease: try await store.lease(), revisions: try await store.revisions(limit: revisionLimit),
            secrets: try await store.secretStatuses(), pending: try await store.pendingDeliveries(), now: now)
    }

    package func count(_ condition: ResourceStatus.Condition) -> Int {
        resources.count { $0.condition == condition }
    }
}
