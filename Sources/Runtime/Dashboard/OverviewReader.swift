import Resources
import Store

/// Puts the overview together from the state and from what runs.
struct OverviewReader: Sendable {
    let store: Store
    let configuration: ConfigurationWatcher
    let dispatcher: DeliveryDispatcher
    let secrets: SecretStore
    let counters: InboundCounters
    let runtime: WorkflowRuntime
    let version: String

    /// Subscriptions that are shown: those with the most pending deliveries.
    static let maximumSubscriptions = 100
    static let outcomes = 12
    static let failed = 20
    static let runs = 10
    static let maximumWorkflows = 100

    func page(now: UnixTime) async throws -> OverviewPage {
        let live = configuration.current
        let pending = store.pending.all
        let shown = live.orderedSubscriptions.sorted { pending[$0.name] ?? 0 > pending[$1.name] ?? 0 }
            .prefix(Self.maximumSubscriptions)
        let hidden = live.orderedSubscriptions.count - shown.count
        let oldest = try await store.oldestPending(of: pending.keys.sorted())
        var subscriptions: [OverviewPage.Subscription] = []
        for subscription in shown {
            subscriptions.append(try await row(subscription, pending, oldest, now))
        }
        let workflows = try await workflows(live)
        let runs = try await runs(now)
        return OverviewPage(
            version: version, now: now.description,
            sync: Self.sync(try await store.syncRecord(), live.serial, now),
            notices: try await notices(live, now), tiles: tiles(live, pending, oldest, now),
            subscriptions: subscriptions, more: hidden > 0 ? "\(hidden) more are live." : nil,
            deliveries: try await failedDeliveries(now), endpoints: endpoints(live),
            hasEndpoints: !live.endpoints.isEmpty, workflows: workflows, hasWorkflows: !workflows.isEmpty,
            runs: runs, hasRuns: !runs.isEmpty,
            revisions: try await store.revisions(limit: 5).map { Self.applied($0, now) })
    }

    // MARK: Syncing

    private static func sync(_ sync: SyncRecord, _ serial: Int64, _ now: UnixTime) -> OverviewPage.Sync {
        let (state, tone) =
            switch sync.result {
            case .never: ("not synced yet", "")
            case .synced: ("synced", "good")
            case .held: ("held", "warn")
            case .failed: ("failing", "bad")
            }
        let seen = sync.seenCommit == sync.appliedCommit ? "" : "Commit \(sync.seenCommit.prefix(7)): "
        let isFine = sync.result == .synced || sync.result == .never
        return OverviewPage.Sync(
            state: state, tone: tone,
            commit: sync.appliedCommit.isEmpty ? nil : String(sync.appliedCommit.prefix(7)),
            subject: sync.appliedSubject, source: sync.source,
            age: sync.appliedAt.map { "applied \(DashboardTime.ago($0, now: now))" } ?? "nothing is applied",
            serial: serial > 0 ? ", serial \(serial)" : "",
            lastAttempt: sync.lastAttempt.map { ", looked \(DashboardTime.ago($0, now: now))" } ?? "",
            problem: isFine ? nil : "\(seen)\(sync.message) (\(sync.reason))",
            problemTone: sync.result == .held ? "warn" : "bad")
    }

    private static func applied(_ revision: Revision, _ now: UnixTime) -> OverviewPage.Applied {
        OverviewPage.Applied(
            serial: revision.serial, commit: String(revision.commit.prefix(7)), subject: revision.subject,
            changes: "+\(revision.created) ~\(revision.updated) -\(revision.deleted)",
            by: revision.appliedBy, age: DashboardTime.ago(revision.appliedAt, now: now))
    }

    private func notices(_ live: RuntimeConfiguration, _ now: UnixTime) async throws -> [String] {
        let stopped = try await store.suspensions(now: now).map { suspension in
            let what =
                switch suspension.target {
                case .all: "Syncing is suspended"
                case .rollback: "A rollback is pinned"
                case .resource(let id): "\(id) is suspended"
                }
            let until = suspension.until.map { " until \($0)" } ?? ""
            let why = suspension.reason.isEmpty ? "" : ": \(suspension.reason)"
            return "\(what) by \(suspension.createdBy)\(until)\(why)"
        }
        let missing = secrets.statuses().filter { $0.fingerprint == nil }
        let unresolved = missing.prefix(10).map { "The secret \($0.name) does not resolve: \($0.problem)" }
        let rest = missing.count > 10 ? ["\(missing.count - 10) more secrets do not resolve."] : []
        let failing = runtime.failing
        let stuck =
            switch failing {
            case 0: [String]()
            case 1: ["1 run of a workflow cannot be moved on; the log says why."]
            default: ["\(failing) runs of workflows cannot be moved on; the log says why."]
            }
        return stopped + unresolved + rest + stuck + live.problems.prefix(10)
    }

    // MARK: Deliveries

    private func tiles(
        _ live: RuntimeConfiguration, _ pending: [String: Int], _ oldest: [String: UnixTime], _ now: UnixTime
    ) -> [OverviewPage.Tile] {
        let inFlight = dispatcher.statuses.values.reduce(0) { $0 + $1.inFlight }
        return [
            OverviewPage.Tile(value: "\(pending.values.reduce(0, +))", name: "pending deliveries"),
            OverviewPage.Tile(
                value: oldest.values.min().map { DashboardTime.age($0, now: now) } ?? "–",
                name: "oldest pending"),
            OverviewPage.Tile(value: "\(inFlight)", name: "requests under way"),
            OverviewPage.Tile(value: "\(live.orderedSubscriptions.count)", name: "subscriptions"),
        ]
    }

    private func row(
        _ subscription: ActiveSubscription, _ pending: [String: Int], _ oldest: [String: UnixTime],
        _ now: UnixTime
    ) async throws -> OverviewPage.Subscription {
        let name = subscription.name
        let latest = try await store.deliveries(
            DeliveryFilter(subscription: name), before: nil, limit: Self.outcomes
        ).items
        let (state, tone) = Self.state(subscription, dispatcher.statuses[name])
        return OverviewPage.Subscription(
            name: name, target: Self.target(subscription), events: Self.events(subscription),
            pending: pending[name] ?? 0, oldest: oldest[name].map { DashboardTime.age($0, now: now) } ?? "–",
            state: state, tone: tone,
            outcomes: latest.reversed().map { delivery in
                OverviewPage.Outcome(
                    tone: DeliveryRow.tone(of: delivery.status, attempts: delivery.attempts),
                    title: "\(delivery.eventType) \(delivery.status.rawValue)")
            })
    }

    private static func state(_ subscription: ActiveSubscription, _ status: QueueStatus?) -> (String, String)
    {
        guard let status else { return ("ready", "good") }
        if status.isGone { return ("gone", "bad") }
        if status.isPaused { return ("paused", "warn") }
        return switch status.breaker {
        case .open: ("breaker open", "bad")
        case .halfOpen: ("breaker half-open", "warn")
        case .closed, nil: ("ready", "good")
        }
    }

    /// Without a query, which may hold a credential.
    static func target(_ subscription: ActiveSubscription) -> String {
        switch subscription.spec.target {
        case .url(let url): String("\(url)".prefix { $0 != "?" && $0 != "#" })
        case .secretRef(let name): "secret:\(name)"
        }
    }

    static func events(_ subscription: ActiveSubscription) -> String {
        subscription.spec.events.map { "\($0)" }.joined(separator: ", ")
    }

    private func failedDeliveries(_ now: UnixTime) async throws -> [DeliveryRow] {
        var all: [Delivery] = []
        for status in [DeliveryStatus.failed, .exhausted, .expired] {
            all += try await store.deliveries(
                DeliveryFilter(status: status), before: nil, limit: Self.failed
            ).items
        }
        let newest = all.sorted { $0.sequence.value > $1.sequence.value }.prefix(Self.failed)
        return newest.map { DeliveryRow($0, now: now) }
    }

    // MARK: Workflows

    /// The live ones, and deleted ones whose runs are still there; those with the most to look at first.
    private func workflows(_ live: RuntimeConfiguration) async throws -> [OverviewPage.Workflow] {
        let counts = try await store.runCounts(RunStatus.allCases.filter { $0 != .succeeded })
        let names = Set(counts.keys).union(live.workflows.keys)
        let all = names.map { name in
            let known = counts[name] ?? [:]
            return OverviewPage.Workflow(
                name: name, running: known[.running] ?? 0, waiting: known[.waiting] ?? 0,
                queued: known[.queued] ?? 0, paused: known[.paused] ?? 0,
                failed: (known[.failed] ?? 0) + (known[.refused] ?? 0))
        }
        return Array(
            all.sorted { ($1.paused, $1.failed, $0.name) < ($0.paused, $0.failed, $1.name) }
                .prefix(Self.maximumWorkflows))
    }

    private func runs(_ now: UnixTime) async throws -> [RunRow] {
        var all: [WorkflowRun] = []
        for status in RunRow.statuses {
            all += try await store.runs(RunFilter(status: status), before: nil, limit: Self.runs).items
        }
        return all.sorted { $0.sequence.value > $1.sequence.value }.prefix(Self.runs).map {
            RunRow($0, now: now)
        }
    }

    // MARK: Inbound

    private func endpoints(_ live: RuntimeConfiguration) -> [OverviewPage.Endpoint] {
        live.endpoints.values.sorted { $0.name < $1.name }.map { endpoint in
            let counts = counters.counts(of: endpoint.name)
            let isReady = secrets.value(endpoint.secrets.current) != nil
            let type = if case .email = endpoint.spec.form { "email" } else { "generic" }
            return OverviewPage.Endpoint(
                name: endpoint.name, type: type, state: isReady ? "ready" : "waiting",
                tone: isReady ? "good" : "warn", accepted: counts[.accepted] ?? 0,
                duplicates: counts[.duplicate] ?? 0)
        }
    }
}
