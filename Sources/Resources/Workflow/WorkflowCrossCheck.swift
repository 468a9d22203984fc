/// What can be wrong between workflows, and between them and endpoints. What does not exist was reported before.
struct WorkflowCrossCheck {
    private(set) var diagnostics: [Diagnostic] = []
    private var workflows: [String: WorkflowFacts] = [:]
    private var endpoints: [String: EndpointFacts] = [:]

    init(_ files: [ParsedFile]) {
        for document in files.lazy.flatMap(\.documents) {
            switch document.facts {
            case .workflow(let facts): workflows[document.id.name] = facts
            case .endpoint(let facts): endpoints[document.id.name] = facts
            case .test, nil: break
            }
        }
        guard !workflows.isEmpty else { return }
        let loops = EventLoops(files.lazy.flatMap(\.documents).compactMap(\.resource))
        for file in files { check(file, loops) }
    }

    private mutating func check(_ file: ParsedFile, _ loops: EventLoops) {
        var sink = DiagnosticSink(file.sources)
        for document in file.documents {
            switch document.facts {
            case .workflow(let facts):
                checkEndpoints(of: facts, &sink)
                checkCalls(of: facts, named: document.id.name, &sink)
                if let loop = loops.message(about: document.id.name) {
                    sink.add(
                        .eventLoop, loop, at: document.nameSpan,
                        hint: "narrow an `if`; beyond `loops.maxDepth` runs in a row the next one is refused",
                        severity: .warning)
                }
            case .test(let spec):
                guard let name = spec["workflow"]?.string, let workflow = workflows[name] else { continue }
                WorkflowTestCheck(name, workflow).check(spec, into: &sink)
            case .endpoint, nil: break
            }
        }
        diagnostics += sink.diagnostics
    }

    private func checkEndpoints(of facts: WorkflowFacts, _ sink: inout DiagnosticSink) {
        for use in facts.inboundTriggers where endpoints[use.name]?.takesMail == true {
            sink.add(
                .unusableEndpoint, "`\(use.name)` makes tickets of mails and starts no runs", at: use.span,
                hint: "use `event: ticket.created`")
        }
        for use in facts.waits {
            guard let endpoint = endpoints[use.name], !endpoint.correlates else { continue }
            sink.add(
                .unusableEndpoint, "`\(use.name)` has no `correlation`, so its messages resume no run",
                at: use.span,
                hint: endpoint.takesMail
                    ? "it takes mails: wait for `event: ticket.updated`"
                    : "give the endpoint `correlation: {key: …}`, the value that `key` waits for")
        }
    }

    private func checkCalls(of facts: WorkflowFacts, named name: String, _ sink: inout DiagnosticSink) {
        for call in facts.calls {
            let callee = call.workflow.name
            guard let target = workflows[callee] else { continue }
            if let inputs = target.inputs {
                InputCheck(workflow: callee, declared: inputs, hasTemplates: true).check(
                    call.inputs, at: call.workflow.span, into: &sink)
            } else {
                sink.add(
                    .wrongInputs, "`\(callee)` cannot be called: it has no `manual` trigger",
                    at: call.workflow.span,
                    hint: "give it `- manual: {inputs: {…}}` with what it needs to know")
            }
            if let path = path(from: callee, to: name) {
                sink.add(
                    .callCycle, "`\(name)` calls itself: \(([name] + path).joined(separator: " → "))",
                    at: call.workflow.span, hint: "a workflow cannot call itself, directly or through others")
            }
        }
    }

    /// The shortest way of calls from one workflow to another, both included; nil when there is none.
    private func path(from start: String, to end: String) -> [String]? {
        var previous: [String: String] = [start: ""]
        var queue = [start]
        while !queue.isEmpty {
            let current = queue.removeFirst()
            if current == end {
                return sequence(first: current) { previous[$0].flatMap { $0.isEmpty ? nil : $0 } }.reversed()
            }
            for call in workflows[current]?.calls ?? [] where previous[call.workflow.name] == nil {
                previous[call.workflow.name] = current
                queue.append(call.workflow.name)
            }
        }
        return nil
    }
}
