/// Reads a configuration: all files, all problems, in one run. Keeps what it learned about each file, so that the next
/// run reads only the files that changed.
package struct Loader: Sendable {
    private struct Cached {
        let path: String
        let contentID: String
        let file: ParsedFile
    }

    private let checker: ExpressionChecker
    private let environment: EnvironmentLayout?
    private let acceptsPlanned: Bool
    /// In the order of paths.
    private var cache: [Cached] = []
    /// What the cached files were read with: the layers above the base.
    private var cachedLayers: [String] = []

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
        if layers.identity != cachedLayers { cache = [] }
        cachedLayers = layers.identity
        let base = environment.map { layout in files.filter { layout.layer(of: $0.path) == .base } } ?? files
        let known = known(base)
        let changed = zip(base, known).filter { $1 == nil }.map(\.0)
        var read = parse(changed, &layers)[...]
        var parsed: [ParsedFile] = []
        parsed.reserveCapacity(base.count)
        var fresh: [Cached] = []
        fresh.reserveCapacity(base.count)
        for (file, known) in zip(base, known) {
            guard let result = known ?? read.popFirst() else { preconditionFailure("a file was not parsed") }
            // A file that could not be read is tried again, and one with an overlay is merged again.
            if result.isReadable, !result.hasOverlay {
                fresh.append(Cached(path: file.path, contentID: file.contentID, file: result))
            }
            parsed.append(result)
        }
        cache = fresh
        if environment != nil { parsed.append(parseRest(of: layers)) }
        return Self.combine(parsed, fileCount: files.count)
    }

    /// What is remembered of each file; both lists are in the order of paths, so nothing has to be looked up.
    private func known(_ files: [ConfigurationFile]) -> [ParsedFile?] {
        var rest = cache[...]
        return files.map { file in
            while let first = rest.first, first.path < file.path { rest.removeFirst() }
            guard let first = rest.first, first.path == file.path, first.contentID == file.contentID else {
                return nil
            }
            return first.file
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
            sources: reading.sources, documents: parser.documents,
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
            sources: layers.sources, documents: parser.documents,
            diagnostics: layers.diagnostics + parser.diagnostics,
            isComplete: layers.isComplete && !parser.hasUnidentified, isReadable: true, hasOverlay: true)
    }

    private static func combine(_ files: [ParsedFile], fileCount: Int) -> LoadedConfiguration {
        var diagnostics = files.flatMap(\.diagnostics)
        diagnostics += CrossCheck(files).diagnostics
        diagnostics.sort()
        let isValid = !diagnostics.contains { $0.severity == .error }
        let resources = files.lazy.flatMap(\.documents).compactMap(\.resource)
        return LoadedConfiguration(
            diagnostics: diagnostics, fileCount: fileCount, state: isValid ? DesiredState(resources) : nil)
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
