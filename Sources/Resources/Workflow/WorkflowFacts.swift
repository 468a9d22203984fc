/// What a workflow has to do with other documents.
struct WorkflowFacts: Sendable {
    /// A place that names another resource.
    struct Use: Sendable {
        let name: String
        let span: Span
    }

    struct Call: Sendable {
        let workflow: Use
        /// The inputs that are given.
        let inputs: [Node.Entry]
    }

    struct Step: Sendable {
        let sendsRequest: Bool
        let waitsForCallback: Bool
    }

    let eventTriggers: [EventPattern]
    let inboundTriggers: [Use]
    let hasSchedule: Bool
    /// Of a manual start or a call; nil when the workflow takes neither.
    let inputs: [WorkflowInput]?
    /// Steps that wait for a message of an endpoint.
    let waits: [Use]
    let calls: [Call]
    let steps: [String: Step]

    init(_ spec: Node) {
        let triggers = spec["triggers"]?.elements ?? []
        eventTriggers = triggers.compactMap { $0["event"]?.string.map(EventPattern.init) }
        inboundTriggers = triggers.compactMap { $0["inbound"].flatMap(Use.init) }
        hasSchedule = triggers.contains { $0["schedule"] != nil }
        let manual = triggers.compactMap { $0["manual"] }
        inputs = manual.isEmpty ? nil : manual.flatMap(WorkflowInput.all)
        var (waits, calls, steps): ([Use], [Call], [String: Step]) = ([], [], [:])
        WorkflowOutline(spec).forEachStep { step, _ in
            if let wait = step.node["waitFor"]?["inbound"].flatMap(Use.init) { waits.append(wait) }
            if let call = step.node["call"], let workflow = call["workflow"].flatMap(Use.init) {
                calls.append(Call(workflow: workflow, inputs: call["with"]?.entries ?? []))
            }
            guard let id = step.id else { return }
            steps[id] = Step(
                sendsRequest: step.node["http"] != nil,
                waitsForCallback: step.node["waitFor"]?["callback"] != nil)
        }
        (self.waits, self.calls, self.steps) = (waits, calls, steps)
    }
}

extension WorkflowFacts.Use {
    fileprivate init?(_ node: Node) {
        guard let name = node.string else { return nil }
        self.init(name: name, span: node.span)
    }
}
