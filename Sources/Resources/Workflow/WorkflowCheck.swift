/// What can be wrong with a workflow beyond its fields and expressions, seen in its own document.
struct WorkflowCheck {
    private let outline: WorkflowOutline
    private let spec: Node?

    init(_ outline: WorkflowOutline, spec: Node?) {
        self.outline = outline
        self.spec = spec
    }

    /// - Parameter expressions: all of the document, for what they mention.
    func run(_ expressions: [ExpressionUse], into sink: inout DiagnosticSink) {
        checkInputs(&sink)
        var ids: [String: Span] = [:]
        outline.forEachStep { step, depth in
            checkID(of: step, among: &ids, &sink)
            checkAction(of: step, &sink)
            checkElement(of: step, &sink)
            checkCallback(of: step, expressions, &sink)
            checkDepth(of: step, depth, &sink)
            RecordStepCheck().check(step.node, into: &sink)
        }
    }

    /// Ids are the names of results, so each is there once in the whole workflow.
    private func checkID(
        of step: WorkflowOutline.Step, among ids: inout [String: Span], _ sink: inout DiagnosticSink
    ) {
        guard let id = step.id, let span = step.node["id"]?.span else { return }
        guard let first = ids[id] else {
            ids[id] = span
            return
        }
        sink.add(
            .duplicateStep, "there are two steps `\(id)`", at: span,
            hint: "the first one is at line \(first.start.line); a step's id is unique in its workflow")
    }

    private func checkAction(of step: WorkflowOutline.Step, _ sink: inout DiagnosticSink) {
        let keys = step.node.keys ?? []
        // A misspelt action was reported as an unknown field.
        guard !keys.contains(where: StepSchema.actions.contains), keys.allSatisfy(StepSchema.fields.contains)
        else { return }
        guard keys.contains("outputs") else {
            return sink.add(
                .missingAction, "\(step.name) has no action", at: step.nameSpan,
                hint: "give it one of \(quoted(StepSchema.actions, "or"))")
        }
        for entry in step.node.entries ?? [] where StepSchema.fieldsOfActions.contains(entry.key) {
            sink.add(
                .missingAction, "`\(entry.key)` has no effect on a step without an action", at: entry.keySpan)
        }
    }

    /// A loop's element may not take the name of what every expression has.
    private func checkElement(of step: WorkflowOutline.Step, _ sink: inout DiagnosticSink) {
        guard let name = step.node["forEach"]?["as"], let text = name.string,
            ExpressionScope.workflowVariables.contains(text)
        else { return }
        sink.add(
            .invalidName, "`\(text)` is a variable of its own", at: name.span,
            hint: "give the element another name")
    }

    /// Nobody can call a URL that was never sent anywhere. Whether an expression that mentions both words sends it is not
    /// looked into: this is a warning.
    private func checkCallback(
        of step: WorkflowOutline.Step, _ expressions: [ExpressionUse], _ sink: inout DiagnosticSink
    ) {
        guard let id = step.id, let callback = step.node["waitFor"]?.entry("callback"),
            !expressions.contains(where: { $0.text.contains("callbacks") && $0.text.contains(id) })
        else { return }
        sink.add(
            .unsentCallback, "no request sends `callbacks.\(id).url`, so nobody can call it",
            at: callback.keySpan, hint: "put \"${callbacks.\(id).url}\" into the body of a request",
            severity: .warning)
    }

    private func checkDepth(of step: WorkflowOutline.Step, _ depth: Int, _ sink: inout DiagnosticSink) {
        // Of a whole branch that is too deep, its first level is enough.
        guard depth == StepSchema.maximumDepth + 1 else { return }
        sink.add(
            .tooDeep, "steps are nested at most \(StepSchema.maximumDepth) levels deep", at: step.nameSpan,
            hint: "move some of them into a workflow of their own, and `call` it")
    }

    private func checkInputs(_ sink: inout DiagnosticSink) {
        for trigger in spec?["triggers"]?.elements ?? [] {
            guard let manual = trigger["manual"] else { continue }
            for input in WorkflowInput.all(of: manual) {
                guard let type = input.type, let value = input.defaultValue, !type.accepts(value) else {
                    continue
                }
                sink.add(
                    .wrongInputs,
                    "the default of `\(input.name)` must be of type `\(type.rawValue)`, not \(value.summary)",
                    at: value.span)
            }
        }
    }
}

extension WorkflowOutline.Step {
    fileprivate var name: String { id.map { "the step `\($0)`" } ?? "the step" }

    /// Where what concerns the step as a whole is shown.
    fileprivate var nameSpan: Span { node["id"]?.span ?? node.span }
}
