/// Reads a configuration: all files, all problems, in one run. Keeps what it learned about each file, so that the next
/// run reads only the files that changed.
package struct Loader: Sendable {
    private let checker: ExpressionChecker
    private let environment: EnvironmentLayout?
    private let acceptsPlanned: Bool
    /// In the order of paths.
    private var known: [ParsedFile] = []
    /// What the known files were read with: the layers above the base.
    private var knownLayers: [String] = []
    /// What the known files come to; nil before there are any, and with an environment.
    private var combined: CombinedFiles?

    /// - Parameter environment: the name of an environment: `base/` is read, `env/<name>/` is merged over it, and their
    ///   values are filled in. Without one, every file is read as it is.
    package init(checker: ExpressionChecker = .compiling, environment: String? = nil) {
        self.init(checker: checker, environment: environment, acceptsPlanned: false)
    }

    /// - Parameter acceptsPlanned: for tests of descriptions that run ahead of their behaviour.
    init(checker: ExpressionChecker = .compiling, environment: String? = nil, acceptsPlanned: Bool) {
        self.checker = checker
        self.environment = environment.map(EnvironmentLayout.init)
        self.acceptsPlanned = acceptsPlanned
    }

    /// The order of the files means nothing.
    package mutating func load(_ files: some Sequence<ConfigurationFile>) -> LoadedConfiguration {
        let files = Self.sorted(Array(files))
        var layers = LayeredReader(files, environment)
        if layers.identity != knownLayers { known = [] }
        knownLayers = layers.identity
        let base = environment.map { layout in files.filter { layout.layer(of: $0.path) == .base } } ?? files
        let current = current(base)
        let changed = zip(base, current).filter { $1 == nil }.map(\.0)
        var read = parse(changed, &layers)[...]
        known = current.map { file in
            guard let result = file ?? read.popFirst() else { preconditionFailure("a file was not parsed") }
            return result
        }
        guard environment == nil else {
            return loaded(CombinedFiles(known + [parseRest(of: layers)]), fileCount: files.count)
        }
        let combined = CombinedFiles(known)
        self.combined = combined
        return loaded(combined, fileCount: files.count)
    }

    /// Reads what changed since the last time, whose files have to have been readable; comes to the same as reading all
    /// files that there are now.
    ///
    /// - Precondition: there is no environment, whose values and overlays are merged into files that did not change.
    package mutating func load(_ changes: FileChanges) -> LoadedConfiguration {
        guard environment == nil, var combined else { preconditionFailure("nothing that changes can add to") }
        self.combined = nil
        var layers = LayeredReader([], nil)
        let updated = parse(Self.sorted(changes.updated), &layers)
        var files: [String: ParsedFile?] = [:]
        for path in changes.removed { files.updateValue(nil, forKey: path) }
        for file in updated { files.updateValue(file, forKey: file.path) }
        let edits = files.sorted { $0.key < $1.key }.map { (key: $0.key, element: $0.value) }
        let (list, gone) = known.applying(edits, key: \.path)
        known = list
        combined.replace(gone, with: updated, among: list)
        self.combined = combined
        return loaded(combined, fileCount: list.count)
    }

    private func loaded(_ combined: CombinedFiles, fileCount: Int) -> LoadedConfiguration {
        LoadedConfiguration(
            diagnostics: combined.diagnostics, fileCount: fileCount, state: combined.state)
    }

    /// What is known of each file; both lists are in the order of paths, so nothing has to be looked up.
    private func current(_ files: [ConfigurationFile]) -> [ParsedFile?] {
        var rest = known[...]
        return files.map { file in
            while let first = rest.first, first.path < file.path { rest.removeFirst() }
            return rest.first.flatMap { $0.isCurrent(file) ? $0 : nil }
        }
    }

    /// Git and folders list them in order, which is quicker to see than to make.
    private static func sorted(_ files: [ConfigurationFile]) -> [ConfigurationFile] {
        let isSorted = zip(files, files.dropFirst()).allSatisfy { $0.path < $1.path }
        return isSorted ? files : files.sorted { $0.path < $1.path }
    }

    /// Files do not depend on each other, so many of them are parsed on all processors.
    private func parse(_ files: [ConfigurationFile], _ layers: inout LayeredReader) -> [ParsedFile] {
        let pieces = ParallelPieces(count: files.count)
        guard pieces.count > 1 else { return files.map { parse($0, &layers) } }
        let shared = layers
        let results = pieces.map { range in
            var layers = shared
            return (files: files[range].map { parse($0, &layers) }, overlay: layers.overlay)
        }
        for result in results { layers.use(result.overlay) }
        return results.flatMap(\.files)
    }

    private func parse(_ file: ConfigurationFile, _ layers: inout LayeredReader) -> ParsedFile {
        let reading = layers.read(file)
        var parser = DocumentParser(
            sources: reading.sources, values: reading.values, checker: checker, acceptsPlanned: acceptsPlanned
        )
        for document in reading.documents { parser.parse(document) }
        return ParsedFile(
            file, sources: reading.sources, documents: parser.documents,
            diagnostics: reading.diagnostics + parser.diagnostics,
            isComplete: reading.isComplete && !parser.hasUnidentified, isReadable: reading.isReadable,
            hasOverlay: reading.hasOverlay)
    }

    /// What the environment adds to the base, and what is wrong with its files.
    private func parseRest(of layers: LayeredReader) -> ParsedFile {
        var parser = DocumentParser(
            sources: layers.sources, values: layers.overlayValues, checker: checker,
            acceptsPlanned: acceptsPlanned)
        for document in layers.overlay.unused { parser.parse(LayeredDocument(root: document)) }
        return ParsedFile(
            ConfigurationFile(path: "", contentID: "", bytes: []), sources: layers.sources,
            documents: parser.documents, diagnostics: layers.diagnostics + parser.diagnostics,
            isComplete: layers.isComplete && !parser.hasUnidentified, isReadable: true, hasOverlay: true)
    }
}

extension Loader {
    /// The resource whose document begins at a line of a file, whatever else is in the file and whatever it refers to; nil
    /// when there is none, or when something is wrong with it.
    package static func resource(in file: ConfigurationFile, atLine line: Int) -> Resource? {
        var layers = LayeredReader([file], nil)
        return Loader().parse(file, &layers).documents.lazy.compactMap(\.resource)
            .first { $0.position?.line == line }
    }
}
