import Resources
package import Store

/// The live configuration as the runtime uses it: typed, indexed, immutable. One value is one serial, so whoever
/// holds one never sees a mixture of old and new. A reference, because every event and every request takes it.
package final class RuntimeConfiguration: Sendable {
    package let serial: Int64
    let subscriptions: [String: ActiveSubscription]
    /// Subscriptions in the order of their names, which is the order of an event's deliveries.
    let orderedSubscriptions: [ActiveSubscription]
    let tokens: [ActiveToken]
    let endpoints: [String: ActiveEndpoint]
    let workflows: [String: ActiveWorkflow]
    /// Workflows in the order of their names, which is the order of an event's runs.
    let orderedWorkflows: [ActiveWorkflow]
    /// Events that a step of one of them may wait for.
    let awaitedEvents: Set<EventPattern>
    let policies: [ActivePolicy]
    /// Changes when a policy does.
    let policiesDigest: String
    let secrets: [String: SecretReferenceSpec.Source]
    /// Live resources that this version cannot read; they are left out and said in the status.
    package let problems: [String]

    /// What it is made of, in the order of kinds and names.
    private let parts: [ActivePart]

    package static let empty = RuntimeConfiguration(serial: 0, parts: [])

    /// Reads the live resources.
    package convenience init(_ live: LiveConfiguration) {
        self.init(
            serial: live.serial,
            parts: live.resources.map { ActivePart($0, createdAt: live.subscriptionsCreatedAt[$0.name]) })
    }

    /// The configuration after some of its resources have changed; nothing is made anew for the others.
    package func applying(_ changes: LiveChanges) -> RuntimeConfiguration {
        let made = changes.upserts.map { ActivePart($0, createdAt: changes.subscriptionsCreatedAt[$0.name]) }
        var rest = made.sorted(by: Self.isBefore)[...]
        let gone = Set(changes.deletions.map { "\($0.kind)/\($0.name)" })
        var parts: [ActivePart] = []
        parts.reserveCapacity(self.parts.count + made.count)
        for part in self.parts {
            while let next = rest.first, Self.isBefore(next, part) { parts.append(rest.removeFirst()) }
            if let next = rest.first, next.kind == part.kind, next.name == part.name {
                parts.append(rest.removeFirst())
            } else if gone.isEmpty || !gone.contains("\(part.kind)/\(part.name)") {
                parts.append(part)
            }
        }
        return RuntimeConfiguration(serial: changes.serial, parts: parts + rest)
    }

    private static func isBefore(_ left: ActivePart, _ right: ActivePart) -> Bool {
        (left.kind, left.name) < (right.kind, right.name)
    }

    private init(serial: Int64, parts: [ActivePart]) {
        self.serial = serial
        self.parts = parts
        var subscriptions: [ActiveSubscription] = []
        var workflows: [ActiveWorkflow] = []
        var tokens: [ActiveToken] = []
        var secrets: [String: SecretReferenceSpec.Source] = [:]
        var endpoints: [String: ActiveEndpoint] = [:]
        var policies: [(policy: ActivePolicy, digest: String)] = []
        for part in parts {
            switch part.content {
            case .secret(let source): secrets[part.name] = source
            case .subscription(let subscription): subscriptions.append(subscription)
            case .token(let token): tokens.append(token)
            case .endpoint(let endpoint): endpoints[part.name] = endpoint
            case .workflow(let workflow): workflows.append(workflow)
            case .policy(let policy, let digest): policies.append((policy, digest))
            case .none: break
            }
        }
        self.endpoints = endpoints
        self.workflows = Dictionary(workflows.map { ($0.name, $0) }) { first, _ in first }
        orderedWorkflows = workflows
        awaitedEvents = Set(workflows.flatMap(\.awaitedEvents))
        problems = parts.flatMap(\.problems)
        self.policies = policies.map(\.policy)
        policiesDigest = policies.map { "\($0.policy.name):\($0.digest)" }.joined(separator: ",")
        self.subscriptions = Dictionary(subscriptions.map { ($0.name, $0) }) { first, _ in first }
        orderedSubscriptions = subscriptions
        self.tokens = tokens
        self.secrets = secrets
    }

    /// The event with the deliveries that it causes. Evaluated before the transaction, which checks the serial.
    ///
    /// - Parameters:
    ///   - only: the subscription that alone gets it, whether it matches or not; nil for all that match.
    ///   - newULID: makes an id for what an expression may look at before it is stored.
    func fanOut(_ event: NewEvent, only: String? = nil, newULID: () -> String) -> FannedOutEvent {
        // `*` means the catalogue: what arrives at an endpoint is for workflows.
        guard EventCatalog.contains(event.type) else { return FannedOutEvent(event: event, deliveries: []) }
        let matching =
            only.map { [subscriptions[$0]].compactMap(\.self) }
            ?? orderedSubscriptions.filter { $0.spec.matches(event.type) }
        var event = event
        if event.id == nil, matching.contains(where: { $0.expressions != nil }) {
            event.id = EventID("evt_" + newULID())
        }
        let variables = EventVariables(event)
        let deliveries = matching.compactMap { subscription in
            subscription.delivery(of: variables, isForced: only != nil) { DeliveryID(newULID()) }
        }
        return FannedOutEvent(event: event, deliveries: deliveries)
    }
}

/// A caller of the API that is live.
struct ActiveToken: Sendable {
    let name: String
    let spec: ApiTokenSpec
}
