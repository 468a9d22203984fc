internal import JSON

/// What a resource declares, typed, with defaults filled in.
package enum ResourceSpec: Sendable, Hashable {
    case secretReference(SecretReferenceSpec)
    case apiToken(ApiTokenSpec)
    case slaPolicy(SLAPolicySpec)
    case inboundEndpoint(InboundEndpointSpec)
    case subscription(SubscriptionSpec)
    case workflow(WorkflowSpec)
    case workflowTest(WorkflowTestSpec)

    /// From the `spec` of the canonical form.
    init(_ kind: ResourceKind, _ members: JSONObject) throws(SpecError) {
        let schema = KindSchema.of(kind)
        let spec = SpecReader(schema.spec, members, definitions: schema.definitions)
        self =
            switch kind {
            case .secretReference: .secretReference(try SecretReferenceSpec(spec))
            case .apiToken: .apiToken(try ApiTokenSpec(spec))
            case .slaPolicy: .slaPolicy(try SLAPolicySpec(spec))
            case .inboundEndpoint: .inboundEndpoint(try InboundEndpointSpec(spec))
            case .subscription: .subscription(try SubscriptionSpec(spec))
            case .workflow: .workflow(try WorkflowSpec(spec))
            case .workflowTest: .workflowTest(try WorkflowTestSpec(spec))
            }
    }
}
