import Resources
import Store

/// The live resources, sorted by what the runtime does with them.
struct ActiveParts: Sendable {
    private(set) var subscriptions = NamedList<ActiveSubscription>()
    private(set) var workflows = NamedList<ActiveWorkflow>()
    private(set) var tokens = NamedList<ActiveToken>()
    private(set) var policies = NamedList<LivePolicy>()
    private(set) var endpoints: [String: ActiveEndpoint] = [:]
    private(set) var secrets: [String: SecretReferenceSpec.Source] = [:]
    /// Events that a step of a workflow may wait for.
    private(set) var awaitedEvents: Set<EventPattern> = []
    /// What keeps resources from being used; those without any are absent.
    private(set) var problems: [ConfigurationChange.Name: [String]] = [:]

    struct LivePolicy: Named {
        let policy: ActivePolicy
        /// Of the resource.
        let digest: String
        var name: String { policy.name }
    }

    /// What becomes of a resource; nil when it goes.
    typealias Edit = (id: ConfigurationChange.Name, part: ActivePart?)

    /// - Parameter edits: each resource once.
    mutating func apply(_ edits: [Edit]) {
        for (id, part) in edits {
            problems[id] = part.flatMap { $0.problems.isEmpty ? nil : $0.problems }
        }
        subscriptions.apply(
            Self.edits(edits, .subscription) { if case .subscription(let value) = $0 { value } else { nil } })
        tokens.apply(Self.edits(edits, .apiToken) { if case .token(let value) = $0 { value } else { nil } })
        policies.apply(
            Self.edits(edits, .slaPolicy) {
                if case .policy(let value, let digest) = $0 {
                    LivePolicy(policy: value, digest: digest)
                } else {
                    nil
                }
            })
        for (name, value) in Self.edits(
            edits, .inboundEndpoint, { if case .endpoint(let value) = $0 { value } else { nil } })
        {
            endpoints[name] = value
        }
        for (name, value) in Self.edits(
            edits, .secretReference, { if case .secret(let value) = $0 { value } else { nil } })
        {
            secrets[name] = value
        }
        let changed = Self.edits(
            edits, .workflow, { if case .workflow(let value) = $0 { value } else { nil } })
        guard !changed.isEmpty else { return }
        workflows.apply(changed)
        awaitedEvents = Set(workflows.inOrder.flatMap(\.awaitedEvents))
    }

    /// The edits of one kind. A resource that cannot be used is not there.
    private static func edits<Value>(
        _ edits: [Edit], _ kind: ResourceKind, _ value: (ActivePart.Content) -> Value?
    ) -> [(name: String, value: Value?)] {
        edits.filter { $0.id.kind == kind.rawValue }.map {
            ($0.id.name, $0.part.flatMap { value($0.content) })
        }
    }
}
