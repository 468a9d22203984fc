/// Compares data that stands in a test with the fields that a record, and therefore its events, have.
struct EventDataCheck {
    private let record: RecordType?

    init(_ record: RecordType) { self.record = record }

    /// Of an event's type; nothing is known of others than the built-in ones.
    init(_ type: String) { record = EventCatalog[type]?.record }

    /// - Parameter isWhole: whether all fields have to be there that every event has. Times may be left out.
    func check(_ data: Node, isWhole: Bool, into sink: inout DiagnosticSink) {
        guard let record, !data.isNull else { return }
        guard let entries = data.entries else {
            return sink.add(
                .eventData, "the data of a \(record.rawValue) is a mapping, not \(data.summary)",
                at: data.span)
        }
        for entry in entries { check(entry, record, &sink) }
        guard isWhole else { return }
        let missing = record.fields.filter { field in
            !field.isNullable && field.type != .timestamp && field.type != .dynamic
                && !entries.contains { $0.key == field.name }
        }
        guard !missing.isEmpty else { return }
        sink.add(
            .eventData, "every \(record.rawValue) has \(quoted(missing.map(\.name), "and"))", at: data.span,
            hint: "an expression that uses one of them would fail in the test only")
    }

    private func check(_ entry: Node.Entry, _ record: RecordType, _ sink: inout DiagnosticSink) {
        guard let field = record.fields.first(where: { $0.name == entry.key }) else {
            // More than the known fields may come; one that is nearly a known one is a slip.
            let near = Suggestion.hint(for: entry.key, in: record.fields.map(\.name))
            return sink.add(
                .eventData, "\(record.withArticle) has no field `\(entry.key)`", at: entry.keySpan,
                hint: near ?? "fields of your own are in `custom`", severity: near == nil ? .warning : .error)
        }
        guard let problem = field.problem(with: entry.value) else { return }
        sink.add(.eventData, "`\(field.name)` \(problem)", at: entry.value.span)
    }
}

extension RecordField {
    /// What is wrong with a value; nil when nothing is.
    func problem(with value: Node) -> String? {
        if case .invalid = value.content { return nil }
        if value.isNull { return isNullable ? nil : "is never null" }
        switch type {
        case .string, .timestamp: return value.string == nil ? "is a string, not \(value.summary)" : nil
        case .dynamic: return value.entries == nil ? "is a mapping, not \(value.summary)" : nil
        case .enumeration(let values):
            guard let text = value.string, values.contains(text) else {
                return
                    "is one of \(quoted(values, "or")), not \(value.string.map { "`\($0)`" } ?? value.summary)"
            }
            return nil
        }
    }
}
