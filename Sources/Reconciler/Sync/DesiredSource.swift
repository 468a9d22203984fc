package import Resources

/// Where the desired state comes from: git or a plain folder, behind one form.
package struct DesiredSource: Sendable {
    /// Repository, ref and path as people read them, without credentials.
    package let description: String
    /// The repository or folder alone.
    package let location: String
    /// Brings the newest revision here; throws when it cannot be had.
    package let fetch: @Sendable () async throws -> SourceSnapshot

    package init(
        description: String, location: String = "",
        fetch: @escaping @Sendable () async throws -> SourceSnapshot
    ) {
        self.description = description
        self.location = location
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
    /// nil when nobody has to sign.
    package let verification: Verification?

    /// Who has to have signed the commits.
    package struct Verification: Sendable {
        /// A commit that nobody signed who may.
        package struct Unverified: Sendable, Equatable {
            package let id: String
            package let subject: String
            package let reason: String

            package init(id: String, subject: String, reason: String) {
                self.id = id
                self.subject = subject
                self.reason = reason
            }
        }

        /// Changes with the list of those who may sign.
        package let id: String
        /// All of them after the applied commit, newest first; that of the revision alone when nothing is applied.
        package let unverified: @Sendable (_ applied: String) async throws -> [Unverified]

        package init(
            id: String, unverified: @escaping @Sendable (_ applied: String) async throws -> [Unverified]
        ) {
            self.id = id
            self.unverified = unverified
        }
    }

    package init(
        revision: SourceRevision, contentID: String,
        files: @escaping @Sendable (_ known: [String: String]) async throws -> SourceFiles,
        history: @escaping @Sendable (_ applied: String) async throws -> CommitHistory = { _ in .none },
        verification: Verification? = nil
    ) {
        self.revision = revision
        self.contentID = contentID
        self.files = files
        self.history = history
        self.verification = verification
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
