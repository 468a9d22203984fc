import Resources
import Store

/// A live resource as the runtime uses it.
///
/// Made once for each form: a configuration takes over those of the one before that did not change.
struct ActivePart: Sendable {
    enum Content: Sendable {
        case secret(SecretReferenceSpec.Source)
        case subscription(ActiveSubscription)
        case token(ActiveToken)
        case endpoint(ActiveEndpoint)
        case workflow(ActiveWorkflow)
        /// With the digest of the resource.
        case policy(ActivePolicy, digest: String)
        /// Nothing that runs, or nothing that this version can use.
        case none
    }

    let content: Content
    /// What keeps all of it, or something in it, from being used.
    let problems: [String]

    /// - Parameter createdAt: of a subscription.
    init(_ row: LiveResource, createdAt: UnixTime?) {
        let id = "\(row.kind)/\(row.name)"
        do {
            let resource = try Resource(canonical: row.canonical)
            // A row that was copied by hand must not make a second subscription of the same name.
            guard resource.id.description == id else {
                content = .none
                problems = ["\(id): its form is that of \(resource.id)"]
                return
            }
            let (content, problems) = try Self.content(resource, createdAt)
            self.content = content
            self.problems = problems.map { "\(id): \($0)" }
        } catch {
            content = .none
            problems = ["\(id): \(error)"]
        }
    }

    private static func content(
        _ resource: Resource, _ createdAt: UnixTime?
    ) throws -> (Content, problems: [String]) {
        let name = resource.id.name
        switch resource.spec {
        case .secretReference(let spec): return (.secret(spec.source), [])
        case .subscription(let spec):
            let subscription = ActiveSubscription(name: name, spec: spec, createdAt: createdAt)
            return (.subscription(subscription), subscription.problems)
        case .apiToken(let spec): return (.token(ActiveToken(name: name, spec: spec)), [])
        case .inboundEndpoint(let spec): return (.endpoint(try ActiveEndpoint(name: name, spec: spec)), [])
        case .workflow:
            let workflow = try ActiveWorkflow(resource)
            return (.workflow(workflow), workflow.problems)
        case .slaPolicy(let spec):
            return (.policy(try ActivePolicy(name: name, spec: spec), digest: resource.digest.hex), [])
        case .workflowTest: return (.none, [])
        }
    }
}
