internal import JSON

/// Makes a resource of a document: envelope, `metadata`, `spec`, canonical form, typed model.
struct DocumentParser {
    let sources: [SourceFile]
    /// Values that were filled in, by the place of the scalar that asked for them.
    let values: [Span: [FieldPlace]]
    let checker: ExpressionChecker
    let acceptsPlanned: Bool
    private(set) var documents: [ParsedDocument] = []
    /// Whether a document did not even say what it is.
    private(set) var hasUnidentified = false
    private(set) var diagnostics: [Diagnostic] = []
    /// Documents with errors so far.
    private var errorCount = 0

    /// Documents with errors in one file after which the rest of it is not looked at.
    private static let errorLimit = 1_000

    init(
        sources: [SourceFile], values: [Span: [FieldPlace]], checker: ExpressionChecker, acceptsPlanned: Bool
    ) {
        self.sources = sources
        self.values = values
        self.checker = checker
        self.acceptsPlanned = acceptsPlanned
    }

    mutating func parse(_ layered: LayeredDocument) {
        guard errorCount < Self.errorLimit else { return }
        var sink = DiagnosticSink(sources)
        if let document = document(layered, &sink) {
            documents.append(document)
        } else {
            hasUnidentified = true
        }
        diagnostics += sink.diagnostics
        if sink.hasErrors { errorCount += 1 }
    }

    /// nil, after a report, for a document that does not say what it is.
    private func document(_ layered: LayeredDocument, _ sink: inout DiagnosticSink) -> ParsedDocument? {
        let root = layered.root
        guard let envelope = Envelope(root, into: &sink) else { return nil }
        let schema = KindSchema.of(envelope.kind)
        guard let (id, span) = id(envelope, schema, &sink) else {
            _ = check(envelope, schema, layered, &sink)
            return nil
        }
        let (resource, references) = check(envelope, schema, layered, &sink)
        return ParsedDocument(
            id: id, nameSpan: span, resource: resource, references: references,
            facts: DocumentFacts(envelope.kind, spec: envelope.spec?.value))
    }

    /// The resource when nothing is wrong with it, and what it refers to.
    private func check(
        _ envelope: Envelope, _ schema: KindSchema, _ layered: LayeredDocument,
        _ sink: inout DiagnosticSink
    ) -> (Resource?, [ReferenceUse]) {
        guard acceptsPlanned || schema.availability == .available else {
            sink.add(
                .unsupported, "the kind `\(envelope.kind)` is not supported by this version",
                at: envelope.kindSpan)
            return (nil, [])
        }
        var pass = SchemaPass(sink: sink, definitions: schema.definitions, acceptsPlanned: acceptsPlanned)
        let canonical = self.canonical(envelope, schema, &pass)
        sink = pass.sink
        checkAnnotations(envelope, &sink)
        let spec = envelope.spec?.value
        let outline = envelope.kind == .workflow ? WorkflowOutline(spec) : nil
        let context = DocumentContext(envelope.kind, spec: spec, outline: outline)
        let references = pass.references + checker.check(pass.expressions, of: context, into: &sink)
        if let outline { WorkflowCheck(outline, spec: spec).run(pass.expressions, into: &sink) }
        guard let canonical, !sink.hasErrors else { return (nil, references) }
        let root = layered.root.span
        let source = sources[Int(root.source)]
        let position = SourcePosition(
            file: source.path, line: Int(root.start.line), column: Int(root.start.column))
        let origins = FieldOrigin.all(of: layered, sources: sources, values: values)
        let resource = Self.resource(canonical, position, source, origins, at: envelope.kindSpan, &sink)
        return (sink.hasErrors ? nil : resource, references)
    }

    private func canonical(_ envelope: Envelope, _ schema: KindSchema, _ pass: inout SchemaPass) -> JSONValue?
    {
        var parts: [(String, JSONValue)] = [
            ("apiVersion", .string(ResourceKind.apiVersion)), ("kind", .string(envelope.kind.rawValue)),
        ]
        let schemas = [
            ("metadata", KindSchema.metadata, envelope.metadata), ("spec", schema.spec, envelope.spec),
        ]
        for (name, schema, entry) in schemas {
            guard let entry else { continue }
            pass.path.append(name)
            if let value = pass.normalize(entry.value, .object(schema), owner: entry.keySpan) {
                parts.append((name, name == "metadata" ? Self.withoutEmpty(value) : value))
            }
            pass.path.removeLast()
        }
        return parts.count == 4 ? .object(JSONObject(parts)) : nil
    }

    /// `labels: {}` says as much as no labels.
    private static func withoutEmpty(_ metadata: JSONValue) -> JSONValue {
        guard case .object(var members) = metadata else { return metadata }
        for name in ["annotations", "labels"] where members[name]?.object?.isEmpty == true {
            members[name] = nil
        }
        return .object(members)
    }

    private func id(
        _ envelope: Envelope, _ schema: KindSchema, _ sink: inout DiagnosticSink
    ) -> (id: ResourceID, span: Span)? {
        guard let name = envelope.metadata?.value["name"], let text = name.string, ResourceID.isName(text)
        else { return nil }
        if schema.reservedNames.contains(text) {
            sink.add(.invalidName, "the name `\(text)` is reserved", at: name.span)
        }
        return (ResourceID(envelope.kind, text), name.span)
    }

    /// Annotations under our own domain are those that we know: a misspelt `protect` would protect nothing.
    private func checkAnnotations(_ envelope: Envelope, _ sink: inout DiagnosticSink) {
        guard case .mapping(let entries) = envelope.metadata?.value["annotations"]?.content else { return }
        for entry in entries where entry.key.hasPrefix("sync.zentra.dev/") {
            if entry.key != KindSchema.protectAnnotation {
                sink.add(
                    .unknownField, "there is no annotation `\(entry.key)`", at: entry.keySpan,
                    hint: "did you mean `\(KindSchema.protectAnnotation)`?")
            } else if let text = entry.value.string, text != "true", text != "false" {
                sink.add(
                    .invalidValue, "`\(entry.key)` must be \"true\" or \"false\", not `\(text)`",
                    at: entry.value.span)
            }
        }
    }

    private static func resource(
        _ canonical: JSONValue, _ position: SourcePosition, _ source: SourceFile, _ origins: [FieldOrigin],
        at span: Span, _ sink: inout DiagnosticSink
    ) -> Resource? {
        do {
            return try Resource(
                canonical: canonical.text, value: canonical, position: position, source: source,
                origins: origins)
        } catch {
            sink.add(.invalidValue, error.description, at: span)
            return nil
        }
    }
}
