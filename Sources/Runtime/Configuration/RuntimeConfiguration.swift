package import Resources
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

    package static let empty = RuntimeConfiguration(serial: 0, resources: [], problems: [])

    /// Reads the live resources.
    package convenience init(_ live: LiveConfiguration) {
        var resources: [Resource] = []
        var problems: [String] = []
        for row in live.resources {
            do {
                resources.append(try Resource(canonical: row.canonical))
            } catch {
                problems.append("\(row.kind)/\(row.name): \(error)")
            }
        }
        self.init(
            serial: live.serial, resources: resources, problems: problems,
            subscriptionsCreatedAt: live.subscriptionsCreatedAt)
    }

    package init(
        serial: Int64, resources: [Resource], problems: [String],
        subscriptionsCreatedAt: [String: UnixTime] = [:]
    ) {
        self.serial = serial
        var problems = problems
        var subscriptions: [String: ActiveSubscription] = [:]
        var tokens: [ActiveToken] = []
        var secrets: [String: SecretReferenceSpec.Source] = [:]
        var endpoints: [String: ActiveEndpoint] = [:]
        var workflows: [String: ActiveWorkflow] = [:]
        var policies: [ActivePolicy] = []
        for resource in resources {
            let name = resource.id.name
            switch resource.spec {
            case .secretReference(let spec): secrets[name] = spec.source
            case .subscription(let spec):
                let subscription = ActiveSubscription(
                    name: name, spec: spec, createdAt: subscriptionsCreatedAt[name])
                problems += subscription.problems.map { "\(resource.id): \($0)" }
                subscriptions[name] = subscription
            case .apiToken(let spec): tokens.append(ActiveToken(name: name, spec: spec))
            case .inboundEndpoint, .slaPolicy, .workflow:
                do {
                    if case .workflow = resource.spec {
                        let workflow = try ActiveWorkflow(resource)
                        problems += workflow.problems.map { "\(resource.id): \($0)" }
                        workflows[name] = workflow
                    }
                    if case .slaPolicy(let spec) = resource.spec {
                        policies.append(try ActivePolicy(name: name, spec: spec))
                    } else if case .inboundEndpoint(let spec) = resource.spec {
                        endpoints[name] = try ActiveEndpoint(name: name, spec: spec)
                    }
                } catch {
                    problems.append("\(resource.id): \(error)")
                }
            default: break
            }
        }
        self.endpoints = endpoints
        self.workflows = workflows
        orderedWorkflows = workflows.values.sorted { $0.name < $1.name }
        awaitedEvents = Set(workflows.values.flatMap(\.awaitedEvents))
        self.problems = problems
        self.policies = policies
        policiesDigest = resources.filter { $0.id.kind == .slaPolicy }.map { "\($0.id.name):\($0.digest)" }
            .sorted()
            .joined(separator: ",")
        self.subscriptions = subscriptions
        orderedSubscriptions = subscriptions.values.sorted { $0.name < $1.name }
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
