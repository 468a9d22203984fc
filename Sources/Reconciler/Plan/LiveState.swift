package import Resources
package import Store

/// Everything about the live state that a plan is made from.
package struct LiveState: Sendable {
    package var configuration: LiveConfiguration
    /// The commit that is applied; empty when none is.
    package var commit: String
    package var facts: LiveFacts
    /// What people have stopped.
    package var suspensions: [Suspension] = []
    /// Whether the forms are known to be the ones that were applied, so that nobody need look for edits.
    package var isVerified = false
    /// Which files are live; empty when that is not known.
    package var contentKey = ""
    /// The desired state that is live, exactly as it stands, in verified forms; nil when that is not known.
    package var desired: DesiredState?

    package init(configuration: LiveConfiguration, commit: String, facts: LiveFacts = LiveFacts()) {
        self.configuration = configuration
        self.commit = commit
        self.facts = facts
    }

    /// A state that does not exist yet.
    package static let missing = LiveState(configuration: .empty, commit: "")

    var revision: LiveRevision { LiveRevision(commit: commit, serial: configuration.serial) }
}

/// What runs at the moment of planning, as far as a plan tells about it.
package struct LiveFacts: Sendable, Equatable {
    /// Pending deliveries by subscription; the names without any are absent.
    package var pendingDeliveries: [String: Int]

    /// Runs that have not ended, by workflow.
    package var unfinishedRuns: [String: Int]
    /// Runs that wait for a message, by endpoint.
    package var waitingRuns: [String: Int]

    /// Runs that have not ended and need a secret, by reference.
    package var secretsInUse: [String: Int]

    package init(
        pendingDeliveries: [String: Int] = [:], unfinishedRuns: [String: Int] = [:],
        waitingRuns: [String: Int] = [:], secretsInUse: [String: Int] = [:]
    ) {
        self.pendingDeliveries = pendingDeliveries
        self.unfinishedRuns = unfinishedRuns
        self.waitingRuns = waitingRuns
        self.secretsInUse = secretsInUse
    }
}

extension LiveState {
    /// Reads configuration and facts of a state.
    package static func read(from store: Store, now: UnixTime = .now()) async throws -> LiveState {
        var live = LiveState(
            configuration: try await store.liveConfiguration(),
            commit: try await store.syncRecord().appliedCommit,
            facts: LiveFacts(
                pendingDeliveries: try await store.pendingDeliveries(),
                unfinishedRuns: try await store.unfinishedRuns(), waitingRuns: try await store.waitingRuns(),
                secretsInUse: try await store.secretsInUse()))
        live.suspensions = try await store.suspensions(now: now)
        live.contentKey = try await store.syncBasis().contentKey
        return live
    }
}
