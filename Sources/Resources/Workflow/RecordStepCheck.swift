/// Compares what the record steps of a workflow name with the fields that records have. A value that is computed is known
/// at run time only.
struct RecordStepCheck {
    private static let actions = ["create", "update", "upsert", "find"]

    func check(_ step: Node, into sink: inout DiagnosticSink) {
        for name in Self.actions {
            guard let action = step[name],
                let type = action["record"]?.string.flatMap(RecordType.init(rawValue:))
            else { continue }
            for place in ["set", "onCreate"] {
                for entry in action[place]?.entries ?? [] { check(entry, type, isSet: true, &sink) }
            }
            for entry in action["match"]?.entries ?? [] { check(entry, type, isSet: false, &sink) }
        }
    }

    private func check(_ entry: Node.Entry, _ type: RecordType, isSet: Bool, _ sink: inout DiagnosticSink) {
        let known = type.fields.filter { !isSet || !RecordRules.derived.contains($0.name) }
        guard let field = known.first(where: { $0.name == entry.key }) else {
            let isDerived = type.fields.contains { $0.name == entry.key }
            return sink.add(
                .unknownField,
                isDerived
                    ? "`\(entry.key)` cannot be set"
                    : "\(type == .asset ? "an" : "a") \(type.rawValue) has no field `\(entry.key)`",
                at: entry.keySpan,
                hint: Suggestion.hint(for: entry.key, in: known.map(\.name))
                    ?? (isDerived ? nil : "fields of your own are in `custom`"))
        }
        // What holds an expression is a text here, whatever it comes to.
        if let text = entry.value.string, text.contains("${") { return }
        guard let problem = field.problem(with: entry.value) else { return }
        sink.add(.invalidValue, "`\(field.name)` \(problem)", at: entry.value.span)
    }
}
