/// Reads a configuration: all files, all problems, in one run. Keeps what it learned about each file, so that the next
/// run reads only the files that changed.
package struct Loader: Sendable {
    private struct Cached {
        let contentID: String
        let file: ParsedFile
    }

    private let checker: ExpressionChecker
    private let acceptsPlanned: Bool
    private var cache: [String: Cached] = [:]

    package init(checker: ExpressionChecker = .none) { self.init(checker: checker, acceptsPlanned: false) }

    /// - Parameter acceptsPlanned: for tests of descriptions that run ahead of their behaviour.
    init(checker: ExpressionChecker = .none, acceptsPlanned: Bool) {
        self.checker = checker
        self.acceptsPlanned = acceptsPlanned
    }

    /// The order of the files means nothing.
    package mutating func load(_ files: some Sequence<ConfigurationFile>) -> LoadedConfiguration {
        var fresh: [String: Cached] = [:]
        for file in files {
            let known = cache[file.path]
            fresh[file.path] = known?.contentID == file.contentID ? known : parse(file)
        }
        cache = fresh.filter { !$0.value.contentID.isEmpty }
        return Self.combine(fresh.sorted { $0.key < $1.key }.map(\.value.file))
    }

    private func parse(_ file: ConfigurationFile) -> Cached {
        do {
            return Cached(contentID: file.contentID, file: parse(SourceFile(path: file.path, bytes: try file.read())))
        } catch {
            let problem = Diagnostic(.unreadableFile, "cannot read the file: \(error)", at: SourcePosition(file: file.path, line: 1, column: 1))
            // Tried again the next time.
            return Cached(contentID: "", file: ParsedFile(sources: [], documents: [], diagnostics: [problem], isComplete: false))
        }
    }

    private func parse(_ source: SourceFile) -> ParsedFile {
        var sink = DiagnosticSink([source])
        var parser = DocumentParser(sources: [source], checker: checker, acceptsPlanned: acceptsPlanned)
        for document in YAMLReader.read(source, into: &sink) { parser.parse(document) }
        let isComplete = !sink.hasErrors && !parser.hasUnidentified
        sink.append(parser.diagnostics)
        return ParsedFile(
            sources: [source], documents: parser.documents, diagnostics: sink.diagnostics, isComplete: isComplete)
    }

    private static func combine(_ files: [ParsedFile]) -> LoadedConfiguration {
        var diagnostics = files.flatMap(\.diagnostics)
        diagnostics += CrossCheck(files).diagnostics
        diagnostics.sort()
        let isValid = !diagnostics.contains { $0.severity == .error }
        let resources = files.lazy.flatMap(\.documents).compactMap(\.resource)
        return LoadedConfiguration(
            diagnostics: diagnostics, fileCount: files.count, state: isValid ? DesiredState(resources) : nil)
    }
}
