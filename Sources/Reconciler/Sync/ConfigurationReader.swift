package import Resources

/// Reads snapshots one after the other, and of each only the files that changed.
package struct ConfigurationReader: Sendable {
    private var loader: Loader
    /// Content ids of the files that the loader remembers.
    private var known: [String: String] = [:]
    /// What was in the last snapshot and not followed.
    package private(set) var skipped: [String] = []
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

    /// - Throws: what the source throws when it cannot be read; never an empty configuration instead.
    package mutating func read(_ snapshot: SourceSnapshot) async throws -> LoadedConfiguration {
        let source = try await snapshot.files(known)
        skipped = source.skipped
        let loaded = loader.load(source.files)
        guard !hasEnvironment else { return loaded }
        // A file that could not be read is not remembered by the loader.
        let unreadable = Set(loaded.errors.lazy.filter { $0.code == .unreadableFile }.map(\.position.file))
        // Most files are known already.
        for file in source.files where known[file.path] != file.contentID {
            known[file.path] = file.contentID
        }
        for path in unreadable { known[path] = nil }
        if known.count > source.files.count {
            let paths = Set(source.files.lazy.map(\.path))
            known = known.filter { paths.contains($0.key) }
        }
        return loaded
    }
}
