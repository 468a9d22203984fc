/// Reads files into documents, with the values and the overlays of an environment applied.
struct LayeredReader: Sendable {
    /// The documents of one file of the base.
    struct Reading {
        var sources: [SourceFile]
        var documents: [LayeredDocument] = []
        /// Values that were filled in, by the place of the scalar that asked for them.
        var values: [Span: [FieldPlace]] = [:]
        var diagnostics: [Diagnostic] = []
        var isComplete = false
        var isReadable = true
        var hasOverlay = false
    }

    /// The file that is read, then those of the overlay; a node's span names its file by the position here.
    private(set) var sources: [SourceFile] = [SourceFile(path: "", bytes: [])]
    private(set) var overlay = Overlay()
    /// What is wrong with the files of the environment.
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var isComplete = true
    /// Changes when anything above the base does.
    let identity: [String]
    private var values = EnvironmentValues()
    /// Values that were filled into the overlays.
    private(set) var overlayValues: [Span: [FieldPlace]] = [:]
    private let hasEnvironment: Bool

    init(_ files: [ConfigurationFile], _ environment: EnvironmentLayout?) {
        hasEnvironment = environment != nil
        guard let environment else {
            identity = []
            return
        }
        let above = files.filter { [.overlay, .values].contains(environment.layer(of: $0.path)) }
        identity = above.flatMap { [$0.path, $0.contentID] }
        // Neither a misspelt name nor a repository without environments may read as an empty desired state.
        if !files.contains(where: { $0.path.hasPrefix("env/\(environment.name)/") }) {
            diagnostics.append(Self.unknown(environment, files))
        }
        // `base/` sorts before `env/`, so that the environment's values count more.
        for file in above where environment.layer(of: file.path) == .values { addValues(file) }
        for file in above where environment.layer(of: file.path) == .overlay { addOverlay(file) }
    }

    /// Takes over which overlays another reader of the same files has used.
    mutating func use(_ other: Overlay) { overlay.use(other) }

    /// The documents of a file of the base.
    mutating func read(_ file: ConfigurationFile) -> Reading {
        var reading = Reading(sources: sources)
        do {
            reading.sources[0] = SourceFile(path: file.path, bytes: try file.read())
        } catch {
            reading.isReadable = false
            reading.diagnostics = [Self.unreadable(file, error)]
            return reading
        }
        var sink = DiagnosticSink(reading.sources)
        let (documents, filled) = documents(of: 0, &sink)
        for document in documents {
            let merged = overlay.merged(document)
            if merged != nil { reading.hasOverlay = true }
            reading.documents.append(merged ?? LayeredDocument(root: document))
        }
        reading.values = reading.hasOverlay ? filled.merging(overlayValues) { own, _ in own } : filled
        reading.isComplete = !sink.hidesDocuments
        reading.diagnostics = sink.diagnostics
        return reading
    }

    /// The documents of a file, and where the values came from that were filled into them.
    private func documents(
        of index: Int, _ sink: inout DiagnosticSink
    ) -> (documents: [Node], values: [Span: [FieldPlace]]) {
        let source = sink.sources[index]
        let documents = YAMLReader.read(source, into: &sink, index: Int32(index))
        guard ValueSubstitution.isUsed(in: source) else { return (documents, [:]) }
        var substitution = ValueSubstitution(values: values, hasEnvironment: hasEnvironment)
        let filled = documents.map { substitution.apply(to: $0, into: &sink) }
        return (filled, substitution.uses)
    }

    // MARK: The environment

    /// Adds a file to ``sources``; nil after a report.
    private mutating func add(_ file: ConfigurationFile) -> Int? {
        do {
            sources.append(SourceFile(path: file.path, bytes: try file.read()))
            return sources.count - 1
        } catch {
            diagnostics.append(Self.unreadable(file, error))
            isComplete = false
            return nil
        }
    }

    private mutating func addValues(_ file: ConfigurationFile) {
        guard let index = add(file) else { return }
        var sink = DiagnosticSink(sources)
        for document in YAMLReader.read(sources[index], into: &sink, index: Int32(index)) {
            values.add(document, into: &sink)
        }
        finish(sink)
    }

    private mutating func addOverlay(_ file: ConfigurationFile) {
        guard let index = add(file) else { return }
        var sink = DiagnosticSink(sources)
        let (documents, filled) = documents(of: index, &sink)
        overlayValues.merge(filled) { own, _ in own }
        for document in documents {
            guard let key = Overlay.Key(document) else {
                sink.add(.missingField, "an overlay needs `kind` and `metadata.name`", at: document.span)
                continue
            }
            if !overlay.insert(document, key) {
                sink.add(
                    .duplicateName, "there are two overlays for `\(key.kind)/\(key.name)`", at: document.span)
            }
        }
        finish(sink)
    }

    private mutating func finish(_ sink: DiagnosticSink) {
        diagnostics += sink.diagnostics
        if sink.hidesDocuments { isComplete = false }
    }

    private static func unknown(_ environment: EnvironmentLayout, _ files: [ConfigurationFile]) -> Diagnostic
    {
        let names = Set(
            files.compactMap { file -> String? in
                let parts = file.path.split(separator: "/")
                return parts.count > 2 && parts[0] == "env" ? String(parts[1]) : nil
            }
        ).sorted()
        let hint =
            Suggestion.hint(for: environment.name, in: names)
            ?? (names.isEmpty
                ? "an environment is a folder below `env/`" : "there is \(quoted(names, "and"))")
        return Diagnostic(
            .unknownEnvironment, "there is no environment `\(environment.name)`",
            at: SourcePosition(file: "env/\(environment.name)", line: 1, column: 1), hint: hint)
    }

    private static func unreadable(_ file: ConfigurationFile, _ error: any Error) -> Diagnostic {
        Diagnostic(
            .unreadableFile, "cannot read the file: \(error)",
            at: SourcePosition(file: file.path, line: 1, column: 1))
    }
}
