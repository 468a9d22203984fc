package import Resources

/// Where the desired state comes from: git or a plain folder, behind one form.
package struct DesiredSource: Sendable {
    /// Repository, ref and path as people read them, without credentials.
    package let description: String
    /// The repository or folder alone.
    package let location: String
    /// Brings the newest revision here; throws when it cannot be had.
    package let fetch: @Sendable () async throws -> SourceSnapshot
    /// Does ahead of the next fetch what it would have to wait for; for processes that fetch again and again.
    package let makeReady: @Sendable () -> Void

    package init(
        description: String, location: String = "",
        fetch: @escaping @Sendable () async throws -> SourceSnapshot,
        makeReady: @escaping @Sendable () -> Void = {}
    ) {
        self.description = description
        self.location = location
        self.fetch = fetch
        self.makeReady = makeReady
    }
}

/// One revision of a source, ready to be read.
package struct SourceSnapshot: Sendable {
    package let revision: SourceRevision
    /// The same as long as all files are the same: the id of the path's tree.
    package let contentID: String
    /// Reads the files, or what became of them since an earlier look.
    package let files: @Sendable (_ basis: SourceBasis?) async throws -> SourceFiles
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
        files: @escaping @Sendable (_ basis: SourceBasis?) async throws -> SourceFiles,
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
    package enum Content: Sendable {
        case all([ConfigurationFile])
        /// What became of those of the basis.
        case changes(FileChanges)
    }

    package var content: Content
    /// Lines about what is there and was not followed, by path; with changes, about what is new of it.
    package var skipped: [String: String]
    /// What the next look may go on from; nil when it has to be one at everything.
    package var basis: SourceBasis?

    package init(_ content: Content, skipped: [String: String] = [:], basis: SourceBasis? = nil) {
        self.content = content
        self.skipped = skipped
        self.basis = basis
    }

    /// All files, of which nothing is carried over.
    ///
    /// - Parameter skipped: lines about what was not followed.
    package init(files: [ConfigurationFile], skipped: [String] = []) {
        self.init(.all(files), skipped: Dictionary(skipped.map { ($0, $0) }) { first, _ in first })
    }
}

/// Which files an earlier look found.
package struct SourceBasis: Sendable {
    /// Of the snapshot.
    package let contentID: String
    /// Files and what was not followed, whether they may hold resources or not.
    package let entries: Int
    /// Which of them may hold resources.
    package let filter: PathFilter

    package init(contentID: String, entries: Int = 0, filter: PathFilter = PathFilter()) {
        self.contentID = contentID
        self.entries = entries
        self.filter = filter
    }
}
