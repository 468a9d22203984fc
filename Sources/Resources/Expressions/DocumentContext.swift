/// Finds out what the expressions of one document may use, from its YAML as it is: problems elsewhere in the document do
/// not keep its expressions from being checked.
struct DocumentContext {
    private let kind: ResourceKind
    private let spec: Node?
    /// Of a workflow.
    private let outline: WorkflowOutline?

    init(_ kind: ResourceKind, spec: Node?, outline: WorkflowOutline?) {
        self.kind = kind
        self.spec = spec
        self.outline = outline
    }

    func context(of use: ExpressionUse) -> ExpressionContext {
        var context = ExpressionContext(use.scope, event: event(use))
        if let outline {
            context.workflow = WorkflowShape(outline, vars: spec?["vars"]?.keys ?? [], at: use.path)
            context.workflow.note(asking: use.text)
        }
        return context
    }

    private func event(_ use: ExpressionUse) -> EventShape {
        switch kind {
        case .subscription:
            EventShape((spec?["events"]?.elements ?? []).compactMap(\.string).map(EventPattern.init))
        case .inboundEndpoint: .inbound
        case .slaPolicy: .record(.ticket)
        case .workflow: triggers(use)
        case .workflowTest, .secretReference, .apiToken: .open
        }
    }

    /// A trigger's own condition sees its own events, everything else those of all triggers.
    private func triggers(_ use: ExpressionUse) -> EventShape {
        let triggers = (spec?["triggers"]?.elements ?? []).enumerated()
        let own = triggers.filter { use.path == "spec.triggers[\($0.offset)].if" }
        let shapes = (own.isEmpty ? Array(triggers) : own).map { Self.trigger($0.element) }
        return shapes.dropFirst().reduce(shapes.first ?? .open) { $0.union($1) }
    }

    private static func trigger(_ trigger: Node) -> EventShape {
        if let pattern = trigger["event"]?.string { return EventShape([EventPattern(pattern)]) }
        if let manual = trigger["manual"] { return .manual(inputs(manual)) }
        return trigger["inbound"] == nil ? .open : .inbound
    }

    private static func inputs(_ manual: Node) -> [EventShape.Input] {
        WorkflowInput.all(of: manual).map { input in
            EventShape.Input(
                name: input.name, type: input.type, isOptional: !input.isRequired && input.defaultValue == nil
            )
        }
    }
}
