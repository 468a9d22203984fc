package import Resources

/// Reads snapshots one after the other, and of each only the files that changed.
package struct ConfigurationReader: Sendable {
    private var loader: Loader
    /// The files that the loader knows; nil when the next look has to be one at everything.
    private var basis: SourceBasis?
    /// Lines about what was in the last snapshot and not followed, by path.
    private var skippedLines: [String: String] = [:]
    /// Values and overlays are merged into files that did not change themselves, so with an environment all are read.
    private let hasEnvironment: Bool
    /// Everything beside the files that decides what they mean.
    let rules: String

    /// - Parameters:
    ///   - environment: whose overlays and values count; nil reads every file as it is.
    ///   - rules: version of the program and the options that change what files mean.
    package init(checker: ExpressionChecker = .compiling, environment: String? = nil, rules: String = "") {
        hasEnvironment = environment != nil
        self.rules = "\(rules) \(environment ?? "")"
        loader = Loader(checker: checker, environment: environment)
    }

    /// The same as long as the files and what they mean are.
    package func contentKey(_ snapshot: SourceSnapshot) -> String {
        NoopKey.contentKey(snapshot.contentID, rules: rules)
    }

    /// What was in the last snapshot and not followed.
    package var skipped: [String] { skippedLines.sorted { $0.key < $1.key }.map(\.value) }

    /// - Throws: what the source throws when it cannot be read; never an empty configuration instead.
    package mutating func read(_ snapshot: SourceSnapshot) async throws -> LoadedConfiguration {
        let source = try await snapshot.files(basis)
        let loaded: LoadedConfiguration
        switch source.content {
        case .all(let files):
            loaded = loader.load(files)
            skippedLines = source.skipped
        case .changes(let changes):
            loaded = loader.load(changes)
            for path in changes.removed { skippedLines[path] = nil }
            skippedLines.merge(source.skipped) { _, new in new }
        }
        // A file that could not be read is tried again, though it does not change.
        let isWhole = !hasEnvironment && !loaded.errors.contains { $0.code == .unreadableFile }
        basis = isWhole ? source.basis : nil
        return loaded
    }
}
