/// What other documents are checked against, read off a document, valid or not.
enum DocumentFacts: Sendable {
    case workflow(WorkflowFacts)
    case endpoint(EndpointFacts)
    /// The `spec` itself.
    case test(Node)

    /// nil for kinds that nothing but their name is asked of.
    init?(_ kind: ResourceKind, spec: Node?) {
        guard let spec else { return nil }
        switch kind {
        case .workflow: self = .workflow(WorkflowFacts(spec))
        case .inboundEndpoint: self = .endpoint(EndpointFacts(spec))
        case .workflowTest: self = .test(spec)
        case .secretReference, .apiToken, .slaPolicy, .subscription: return nil
        }
    }
}

struct EndpointFacts: Sendable {
    let takesMail: Bool
    let correlates: Bool

    init(_ spec: Node) {
        takesMail = spec["type"]?.string == "email"
        correlates = spec["correlation"] != nil
    }
}
