/// The kinds of resources, in the order in which they can be created: what is referred to comes first.
package enum ResourceKind: String, Sendable, CaseIterable, Comparable, CustomStringConvertible {
    case secretReference = "SecretReference"
    case apiToken = "ApiToken"
    case slaPolicy = "SLAPolicy"
    case inboundEndpoint = "InboundEndpoint"
    case subscription = "Subscription"
    case workflow = "Workflow"
    case workflowTest = "WorkflowTest"

    package static let apiVersion = "sync.zentra.dev/v1"

    package var description: String { rawValue }

    private var position: Int {
        switch self {
        case .secretReference: 0
        case .apiToken: 1
        case .slaPolicy: 2
        case .inboundEndpoint: 3
        case .subscription: 4
        case .workflow: 5
        case .workflowTest: 6
        }
    }

    package static func < (left: ResourceKind, right: ResourceKind) -> Bool { left.position < right.position }
}

extension ResourceKind {
    /// What to write instead of a kind that does not exist.
    package static func hint(for text: String) -> String {
        let known = allCases.map(\.rawValue)
        return Suggestion.hint(for: text, in: known) ?? "known kinds: \(quoted(known, "and"))"
    }
}
