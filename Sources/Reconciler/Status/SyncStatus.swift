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
    package private(set) var resources: [ResourceStatus]
    /// The moment that ages are counted from.
    package let now: UnixTime
    /// What people have stopped.
    package let suspensions: [Suspension]
    /// Resources that were healed within a day, by kind and name.
    package let drifts: [Drift]
    /// How often a resource was healed since the state was made.
    package let driftTotal: Int

    package init(
        sync: SyncRecord, live: LiveConfiguration, lease: Lease?, revisions: [Revision],
        secrets: [SecretStatus], pending: [String: Int], suspensions: [Suspension] = [],
        drifts: [Drift] = [], driftTotal: Int = 0, now: UnixTime
    ) {
        self.sync = sync
        serial = live.serial
        self.lease = lease
        self.revisions = revisions
        self.now = now
        self.suspensions = suspensions
        self.drifts = drifts
        self.driftTotal = driftTotal
        let problems = Dictionary(secrets.lazy.map { ($0.name, $0.problem) }) { first, _ in first }
        let suspended = Withholding(suspensions)
        resources = live.resources.map {
            ResourceStatus(
                $0, problems: problems, pending: pending, suspended: suspended["\($0.kind)/\($0.name)"])
        }
    }

    init(
        sync: SyncRecord, serial: Int64, lease: Lease?, revisions: [Revision], resources: [ResourceStatus],
        now: UnixTime, suspensions: [Suspension], drifts: [Drift], driftTotal: Int
    ) {
        self.sync = sync
        self.serial = serial
        self.lease = lease
        self.revisions = revisions
        self.resources = resources
        self.now = now
        self.suspensions = suspensions
        self.drifts = drifts
        self.driftTotal = driftTotal
    }

    /// Reads everything from a state.
    package static func read(from store: Store, now: UnixTime, revisionLimit: Int = 5) async throws
        -> SyncStatus
    {
        SyncStatus(
            sync: try await store.syncRecord(), live: try await store.liveConfiguration(),
            lease: try await store.lease(), revisions: try await store.revisions(limit: revisionLimit),
            secrets: try await store.secretStatuses(), pending: try await store.pendingDeliveries(),
            suspensions: try await store.suspensions(now: now), drifts: try await store.drifts(now: now),
            driftTotal: try await store.driftTotal(), now: now)
    }

    /// The same with what the process that delivers knows of the receivers, by subscription.
    package func noting(_ receivers: [String: ReceiverStatus]) -> SyncStatus {
        var copy = self
        copy.resources = resources.map { resource in
            guard resource.kind == "Subscription", let receiver = receivers[resource.name] else {
                return resource
            }
            return resource.noting(receiver)
        }
        return copy
    }

    package func count(_ condition: ResourceStatus.Condition) -> Int {
        resources.count { $0.condition == condition }
    }
}
