/// What every document has: `apiVersion`, `kind`, `metadata`, `spec`.
struct Envelope {
    let kind: ResourceKind
    let kindSpan: Span
    private(set) var metadata: Node.Entry?
    private(set) var spec: Node.Entry?

    private static let fields = ["apiVersion", "kind", "metadata", "spec"]

    /// nil, after a report, when the document does not say which kind it is.
    init?(_ root: Node, into sink: inout DiagnosticSink) {
        guard case .mapping(let entries) = root.content else {
            if case .invalid = root.content { return nil }
            sink.add(
                .wrongType,
                "a document must be a mapping with `apiVersion`, `kind`, `metadata` and `spec`, not \(root.summary)",
                at: root.span)
            return nil
        }
        let missing = Self.fields.filter { name in !entries.contains { $0.key == name } }
        if !missing.isEmpty {
            let hint = missing.contains("apiVersion") ? "write `apiVersion: \(ResourceKind.apiVersion)`" : nil
            sink.add(
                .missingField, "\(quoted(missing, "and")) \(missing.count == 1 ? "is" : "are") missing",
                at: root.span, hint: hint)
        }
        // A document that does not even say its kind is something else altogether.
        if missing.contains("kind") { return nil }
        for entry in entries where !Self.fields.contains(entry.key) {
            let hint =
                Suggestion.hint(for: entry.key, in: Self.fields)
                ?? "a document has \(quoted(Self.fields, "and"))"
            sink.add(.unknownField, "a document has no field `\(entry.key)`", at: entry.keySpan, hint: hint)
        }
        Self.checkVersion(entries.first { $0.key == "apiVersion" }, &sink)
        guard let kind = Self.kind(entries.first { $0.key == "kind" }, &sink) else { return nil }
        (self.kind, kindSpan) = kind
        metadata = entries.first { $0.key == "metadata" }
        spec = entries.first { $0.key == "spec" }
    }

    private static func checkVersion(_ entry: Node.Entry?, _ sink: inout DiagnosticSink) {
        guard let entry, entry.value.string != ResourceKind.apiVersion else { return }
        if case .invalid = entry.value.content { return }
        let text = entry.value.string.map { "`\($0)`" } ?? entry.value.summary
        sink.add(
            .apiVersion, "this version reads `\(ResourceKind.apiVersion)`, not \(text)", at: entry.value.span,
            hint: "write `apiVersion: \(ResourceKind.apiVersion)`")
    }

    private static func kind(_ entry: Node.Entry?, _ sink: inout DiagnosticSink) -> (ResourceKind, Span)? {
        guard let entry else { return nil }
        if case .invalid = entry.value.content { return nil }
        guard let text = entry.value.string else {
            sink.add(.wrongType, "`kind` must be a string, not \(entry.value.summary)", at: entry.value.span)
            return nil
        }
        guard let kind = ResourceKind(rawValue: text) else {
            sink.add(
                .unknownKind, "there is no kind `\(text)`", at: entry.value.span,
                hint: ResourceKind.hint(for: text))
            return nil
        }
        return (kind, entry.value.span)
    }
}
