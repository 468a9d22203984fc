internal import JSON

/// An event that a step of a workflow may cause, as far as it is known before it runs.
struct CausedEvent: Sendable {
    let type: String
    /// The fields whose values are written out.
    let data: JSONObject
    /// Whether it is about the record that the run's own event was about.
    let isAboutTrigger: Bool

    /// The events of all steps.
    static func all(of spec: WorkflowSpec) -> [CausedEvent] {
        (spec.steps + spec.onFailure + spec.finally).flatMap(\.withInner).flatMap { step in
            step.action.map(all) ?? []
        }
    }

    private static func all(of action: WorkflowAction) -> [CausedEvent] {
        switch action {
        case .create(let record, let set): [created(record, set)]
        case .update(let record, let selector, let set): updated(record, set, selector.isTrigger)
        case .upsert(let record, let selector, let set, let onCreate):
            [created(record, onCreate.reduce(into: set) { $0[$1.key] = $0[$1.key] ?? $1.value })]
                + updated(record, set, selector.isTrigger)
        case .emit(let type, let data):
            [CausedEvent(type: type, data: literals(data.object ?? [:]), isAboutTrigger: false)]
        default: []
        }
    }

    private static func created(_ record: RecordType, _ set: JSONObject) -> CausedEvent {
        CausedEvent(type: "\(record.rawValue).created", data: literals(set), isAboutTrigger: false)
    }

    private static func updated(
        _ record: RecordType, _ set: JSONObject, _ isAboutTrigger: Bool
    ) -> [CausedEvent] {
        let data = literals(set)
        return types(record, set, data).map {
            CausedEvent(type: $0, data: data, isAboutTrigger: isAboutTrigger)
        }
    }

    /// The events of a change; where the new value is not written out, all that it may be.
    private static func types(_ record: RecordType, _ set: JSONObject, _ data: JSONObject) -> [String] {
        func becomes(_ value: String) -> Bool {
            set["status"] != nil && (data["status"] == nil || data["status"]?.string == value)
        }
        switch record {
        case .ticket:
            return ["ticket.updated"] + (set["status"] == nil ? [] : ["ticket.status_changed"])
                + (becomes("resolved") ? ["ticket.resolved"] : [])
        case .change: return ["approved", "rejected", "completed"].filter(becomes).map { "change.\($0)" }
        case .problem: return becomes("resolved") ? ["problem.resolved"] : []
        case .asset: return set["lifecycle"] == nil ? [] : ["asset.lifecycle_changed"]
        }
    }

    /// The members without those that hold `${ }` anywhere.
    private static func literals(_ members: JSONObject) -> JSONObject {
        JSONObject(members.filter { !TemplateText.holdsExpression($0.value.text) }.map { ($0.key, $0.value) })
    }
}

extension WorkflowAction.Selector {
    /// Whether it is the record of the event that started the run.
    fileprivate var isTrigger: Bool {
        guard case .id(let template) = self else { return false }
        return ["${event.data.id}", "${event.data.key}"].contains(template.replacing(" ", with: ""))
    }
}

extension WorkflowStep {
    /// The step and all steps inside of it.
    var withInner: [WorkflowStep] {
        let inside: [WorkflowStep] =
            switch action {
            case .branch(let cases, let otherwise): cases.flatMap(\.steps) + otherwise
            case .parallel(let branches, _): branches.flatMap(\.steps)
            case .forEach(let loop): loop.steps
            default: []
            }
        return [self] + (inside + handlers.flatMap(\.steps)).flatMap(\.withInner)
    }
}
