/// Compares a test with the workflow that it is about: the steps that it names, how it begins, and the data of its events.
struct WorkflowTestCheck {
    private let name: String
    private let workflow: WorkflowFacts

    init(_ name: String, _ workflow: WorkflowFacts) {
        self.name = name
        self.workflow = workflow
    }

    func check(_ spec: Node, into sink: inout DiagnosticSink) {
        for example in spec["cases"]?.elements ?? [] {
            checkStart(example, &sink)
            checkMocks(example, &sink)
            checkMessages(example, &sink)
            for field in ["steps", "outputs"] {
                for entry in example["expect"]?[field]?.entries ?? [] {
                    step(entry.key, entry.keySpan, &sink)
                }
            }
            for entry in example["expect"]?["requests"]?.entries ?? [] { checkRequest(entry, &sink) }
            for records in [example["records"], example["expect"]?["records"]] {
                for entry in records?.entries ?? [] { checkRecord(entry, &sink) }
            }
        }
    }

    // MARK: The start

    private func checkStart(_ example: Node, _ sink: inout DiagnosticSink) {
        if let inputs = example.entry("inputs") {
            guard let declared = workflow.inputs else {
                return sink.add(
                    .unmatchedEvent, "`\(name)` has no `manual` trigger that takes inputs", at: inputs.keySpan
                )
            }
            return InputCheck(workflow: name, declared: declared, hasTemplates: false).check(
                inputs.value.entries ?? [], at: inputs.keySpan, into: &sink)
        }
        guard let event = example["event"], let type = event["event"], let text = type.string else { return }
        if isKnown(text, at: type.span, &sink), !starts(text) {
            sink.add(.unmatchedEvent, "`\(text)` does not start `\(name)`", at: type.span, hint: triggerHint)
        }
        if let data = event["data"] { EventDataCheck(text).check(data, isWhole: true, into: &sink) }
        if let previous = event["previous"] {
            EventDataCheck(text).check(previous, isWhole: false, into: &sink)
        }
    }

    private func starts(_ type: String) -> Bool {
        if type == Self.schedule { return workflow.hasSchedule }
        guard type.hasPrefix(Self.inbound) else {
            return workflow.eventTriggers.contains { $0.matches(type) }
        }
        return workflow.inboundTriggers.contains { $0.name == type.dropFirst(Self.inbound.count) }
    }

    /// Whether there are events of that type at all.
    private func isKnown(_ type: String, at span: Span, _ sink: inout DiagnosticSink) -> Bool {
        guard !type.hasPrefix(Self.inbound), type != Self.schedule, !EventCatalog.contains(type) else {
            return true
        }
        let suggestion = EventCatalog.suggestion(for: type).map { "did you mean `\($0)`?" }
        sink.add(
            .unknownEvent, "`\(type)` is not in the event catalogue", at: span,
            hint: suggestion ?? triggerHint)
        return false
    }

    private static let inbound = "inbound."
    private static let schedule = "schedule"

    private var triggerHint: String? {
        let names =
            workflow.eventTriggers.map(\.text) + workflow.inboundTriggers.map { Self.inbound + $0.name }
            + (workflow.hasSchedule ? [Self.schedule] : []) + (workflow.inputs == nil ? [] : ["inputs"])
        return names.isEmpty ? nil : "it is started by \(quoted(names, "or"))"
    }

    // MARK: What happens meanwhile

    private func checkMocks(_ example: Node, _ sink: inout DiagnosticSink) {
        for entry in example["mocks"]?.entries ?? [] { checkRequest(entry, &sink) }
    }

    private func checkRequest(_ entry: Node.Entry, _ sink: inout DiagnosticSink) {
        guard let step = step(entry.key, entry.keySpan, &sink), !step.sendsRequest else { return }
        sink.add(.unknownStep, "`\(entry.key)` sends no request", at: entry.keySpan, hint: requestsHint)
    }

    private var requestsHint: String? {
        let names = workflow.steps.filter(\.value.sendsRequest).keys.sorted()
        return names.isEmpty ? "no step of `\(name)` does" : "requests are sent by \(quoted(names, "and"))"
    }

    private func checkMessages(_ example: Node, _ sink: inout DiagnosticSink) {
        for message in example["inbound"]?.elements ?? [] {
            if let callback = message["callback"], let id = callback.string,
                let step = step(id, callback.span, &sink), !step.waitsForCallback
            {
                sink.add(.unknownStep, "`\(id)` does not wait for a callback", at: callback.span)
            }
            if let type = message["event"]?.string, let data = message["data"] {
                EventDataCheck(type).check(data, isWhole: false, into: &sink)
            }
        }
    }

    private func checkRecord(_ entry: Node.Entry, _ sink: inout DiagnosticSink) {
        guard let record = TestRecordKey(entry.key)?.type else { return }
        EventDataCheck(record).check(entry.value, isWhole: false, into: &sink)
    }

    /// nil after a report.
    @discardableResult
    private func step(_ id: String, _ span: Span, _ sink: inout DiagnosticSink) -> WorkflowFacts.Step? {
        if let step = workflow.steps[id] { return step }
        sink.add(
            .unknownStep, "`\(name)` has no step `\(id)`", at: span,
            hint: Suggestion.hint(for: id, in: workflow.steps.keys.sorted()))
        return nil
    }
}
