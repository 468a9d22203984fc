package import Resources

/// Where the desired state comes from: git or a plain folder, behind one form.
package struct DesiredSource: Sendable {
    /// Repository, ref and path as people read them, without credentials.
    package let description: String
    /// Brings the newest revision here; throws when it cannot be had.
    package let fetch: @Sendable () async throws -> SourceSnapshot

    package init(description: String, fetch: @escaping @Sendable () async throws -> SourceSnapshot) {
        self.description = description
        self.fetch = fetch
    }
}

/// One revision of a source, ready to be read.
package struct SourceSnapshot: Sendable {
    package let revision: SourceRevision
    /// The same as long as all files are the same: the id of the path's tree.
    package let contentID: String
    /// Reads the files; those that `known` has with the same content id come without content.
    package let files: @Sendable (_ known: [String: String]) async throws -> SourceFiles
    /// How this revision relates to the commit that is applied.
    package let history: @Sendable (_ applied: String) async throws -> CommitHistory

    package init(
        revision: SourceRevision, contentID: String,
        files: @escaping @Sendable (_ known: [String: String]) async throws -> SourceFiles,
        history: @escaping @Sendable (_ applied: String) async throws -> CommitHistory = { _ in .none }
    ) {
        self.revision = revision
        self.contentID = contentID
        self.files = files
        self.history = history
    }
}

/// The files of a revision that may hold resources.
package struct SourceFiles: Sendable {
    package var files: [ConfigurationFile]
    /// What is there and was not followed, one line each.
    package var skipped: [String]

    package init(files: [ConfigurationFile], skipped: [String] = []) {
        self.files = files
        self.skipped = skipped
    }
}
