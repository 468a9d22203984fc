import Resources
import Store
import WorkflowEngine

/// A revision of a workflow as it runs: live, or pinned by runs that began with it.
package final class ActiveWorkflow: Named, Sendable {
    let name: String
    let definition: WorkflowDefinition
    let revision: WorkflowRevision
    /// Events that a step of it may wait for.
    let awaitedEvents: [EventPattern]
    let schedules: [ActiveSchedule]
    /// What does not work of it.
    let problems: [String]

    /// - Throws: `DefinitionError`.
    init(_ resource: Resource) throws {
        name = resource.id.name
        definition = try WorkflowDefinition(resource)
        revision = WorkflowRevision(
            digest: resource.digest.hex, workflow: resource.id.name, canonical: resource.canonical,
            secrets: SecretMentions.names(in: resource.canonical))
        awaitedEvents = definition.spec.awaitedEvents
        (schedules, problems) = definition.spec.schedules
    }
}

/// Which secrets a workflow's expressions name: `secrets['name']` or `secrets.name`.
enum SecretMentions {
    static func names(in canonical: String) -> [String] {
        // Inside JSON text a double quote has a backslash before it.
        let mentions = canonical.matches(
            of: /secrets\s*(?:\[\s*(?:'|\\")([A-Za-z0-9-]+)(?:'|\\")\s*\]|\.([A-Za-z_][A-Za-z0-9_]*))/)
        return Set(mentions.compactMap { ($0.output.1 ?? $0.output.2).map(String.init) }).sorted()
    }
}

extension WorkflowSpec {
    /// What `waitFor: {event: …}` names, at any depth.
    var awaitedEvents: [EventPattern] {
        (steps + onFailure + finally).flatMap(\.awaitedEvents)
    }
}

extension WorkflowStep {
    fileprivate var awaitedEvents: [EventPattern] {
        var patterns = handlers.flatMap { $0.steps.flatMap(\.awaitedEvents) }
        switch action {
        case .waitFor(let wait): if case .event(let pattern) = wait.source { patterns.append(pattern) }
        case .branch(let cases, let otherwise):
            patterns += (cases.flatMap(\.steps) + otherwise).flatMap(\.awaitedEvents)
        case .parallel(let branches, _): patterns += branches.flatMap { $0.steps.flatMap(\.awaitedEvents) }
        case .forEach(let loop): patterns += loop.steps.flatMap(\.awaitedEvents)
        default: break
        }
        return patterns
    }
}
