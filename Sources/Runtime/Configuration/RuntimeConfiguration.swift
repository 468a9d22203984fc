import Resources
package import Store

/// The live configuration as the runtime uses it: typed, indexed, immutable. One value is one serial, so whoever
/// holds one never sees a mixture of old and new. A reference, because every event and every request takes it.
package final class RuntimeConfiguration: Sendable {
    /// How a configuration differs from the one before.
    struct Difference: Sendable {
        /// The serial of the one before.
        let serial: Int64
        /// Resources that changed, came or went.
        let resources: [ConfigurationChange.Name]

        /// The names of the subscriptions among them.
        var subscriptions: [String] {
            resources.filter { $0.kind == ResourceKind.subscription.rawValue }.map(\.name)
        }

        /// Whether a reference to a secret is among them.
        var hasSecrets: Bool { resources.contains { $0.kind == ResourceKind.secretReference.rawValue } }
    }

    package let serial: Int64
    /// nil when it was not made from another one.
    let difference: Difference?
    private let parts: ActiveParts

    var subscriptions: [String: ActiveSubscription] { parts.subscriptions.byName }
    /// Subscriptions in the order of their names, which is the order of an event's deliveries.
    var orderedSubscriptions: [ActiveSubscription] { parts.subscriptions.inOrder }
    var tokens: [ActiveToken] { parts.tokens.inOrder }
    var endpoints: [String: ActiveEndpoint] { parts.endpoints }
    var workflows: [String: ActiveWorkflow] { parts.workflows.byName }
    /// Workflows in the order of their names, which is the order of an event's runs.
    var orderedWorkflows: [ActiveWorkflow] { parts.workflows.inOrder }
    /// Events that a step of one of them may wait for.
    var awaitedEvents: Set<EventPattern> { parts.awaitedEvents }
    var policies: [ActivePolicy] { parts.policies.inOrder.map(\.policy) }
    /// Changes when a policy does.
    var policiesDigest: String {
        parts.policies.inOrder.map { "\($0.name):\($0.digest)" }.joined(separator: ",")
    }
    var secrets: [String: SecretReferenceSpec.Source] { parts.secrets }
    /// Live resources that this version cannot read; they are left out and said in the status.
    package var problems: [String] { parts.problems.sorted { $0.key < $1.key }.flatMap(\.value) }

    package static let empty = RuntimeConfiguration(serial: 0, parts: ActiveParts(), difference: nil)

    /// Reads the live resources.
    package convenience init(_ live: LiveConfiguration) {
        var parts = ActiveParts()
        parts.apply(
            live.resources.map { ($0.id, ActivePart($0, createdAt: live.subscriptionsCreatedAt[$0.name])) })
        self.init(serial: live.serial, parts: parts, difference: nil)
    }

    private init(serial: Int64, parts: ActiveParts, difference: Difference?) {
        self.serial = serial
        self.parts = parts
        self.difference = difference
    }

    /// The configuration after some of its resources have changed; nothing is made anew for the others.
    package func applying(_ changes: LiveChanges) -> RuntimeConfiguration {
        let upserts = changes.upserts.map {
            ($0.id, Optional(ActivePart($0, createdAt: changes.subscriptionsCreatedAt[$0.name])))
        }
        var parts = parts
        parts.apply(upserts + changes.deletions.map { ($0, nil) })
        return RuntimeConfiguration(
            serial: changes.serial, parts: parts,
            difference: Difference(
                serial: serial, resources: changes.upserts.map(\.id) + changes.deletions))
    }

    /// The event with the deliveries that it causes. Evaluated before the transaction, which checks the serial.
    ///
    /// - Parameters:
    ///   - only: the subscription that alone gets it, whether it matches or not; nil for all that match.
    ///   - newULID: makes an id for what an expression may look at before it is stored.
    func fanOut(
        _ event: NewEvent, only: String? = nil, newULID: () -> String
    ) -> (event: NewEvent, deliveries: [NewDelivery]) {
        // `*` means the catalogue: what arrives at an endpoint is for workflows.
        guard EventCatalog.contains(event.type) else { return (event, []) }
        let matching =
            only.map { [subscriptions[$0]].compactMap(\.self) }
            ?? orderedSubscriptions.filter { $0.spec.matches(event.type) }
        var event = event
        if event.id == nil, matching.contains(where: { $0.expressions != nil }) {
            event = event.with(id: EventID("evt_" + newULID()))
        }
        let variables = EventVariables(event)
        let deliveries = matching.compactMap { subscription in
            subscription.delivery(of: variables, isForced: only != nil) { DeliveryID(newULID()) }
        }
        return (event, deliveries)
    }
}

/// A caller of the API that is live.
final class ActiveToken: Named, Sendable {
    let name: String
    let spec: ApiTokenSpec

    init(name: String, spec: ApiTokenSpec) {
        self.name = name
        self.spec = spec
    }
}
