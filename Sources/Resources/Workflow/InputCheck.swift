/// Compares the inputs that are given to a workflow with those that it declares.
struct InputCheck {
    let workflow: String
    let declared: [WorkflowInput]
    /// Whether strings may hold `${ }`, whose value is only known at run time.
    let hasTemplates: Bool

    /// - Parameter owner: where missing inputs show.
    func check(_ given: [Node.Entry], at owner: Span, into sink: inout DiagnosticSink) {
        for entry in given {
            guard let input = declared.first(where: { $0.name == entry.key }) else {
                let names = declared.map(\.name)
                sink.add(
                    .wrongInputs, "`\(workflow)` has no input `\(entry.key)`", at: entry.keySpan,
                    hint: Suggestion.hint(for: entry.key, in: names)
                        ?? (names.isEmpty ? "it has no inputs" : "its inputs are \(quoted(names, "and"))"))
                continue
            }
            guard let type = input.type, !isOpen(entry.value), !type.accepts(entry.value) else { continue }
            sink.add(
                .wrongInputs,
                "the input `\(entry.key)` must be of type `\(type.rawValue)`, not \(entry.value.summary)",
                at: entry.value.span)
        }
        let missing = declared.filter { input in
            input.isRequired && input.defaultValue == nil && !given.contains { $0.key == input.name }
        }
        guard !missing.isEmpty else { return }
        sink.add(.wrongInputs, "`\(workflow)` needs \(quoted(missing.map(\.name), "and"))", at: owner)
    }

    /// A leaf that is nothing but an expression may have any type.
    private func isOpen(_ node: Node) -> Bool {
        guard hasTemplates, let text = node.string else { return false }
        return text.hasPrefix("${") && text.hasSuffix("}")
    }
}
