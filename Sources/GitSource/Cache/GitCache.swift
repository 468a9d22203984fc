/// The private bare clone of one remote, without a checkout.
///
/// Fetching happens in a child process, reading on a thread of its own; nothing here blocks the cooperative
/// pool. Several processes may use one folder: each operation takes the folder's lock while it lasts.
package struct GitCache: Sendable {
    package let remote: GitRemote
    let folder: CacheFolder
    private let runner: ChildRunner
    private let limits: GitLimits

    /// - Parameters:
    ///   - directory: made with mode 0700 when it is missing; it must belong to this user.
    ///   - child: what to start for network work.
    package init(
        directory: String, remote: GitRemote, child: GitChildCommand = .ownBinary,
        limits: GitLimits = GitLimits()
    ) throws(GitError) {
        self.remote = remote
        self.limits = limits
        folder = CacheFolder(directory, for: remote.url)
        runner = ChildRunner(command: child, folder: folder, limits: limits, spare: SpareChild())
        try folder.prepare()
    }

    /// Brings the remote's reference into the cache.
    ///
    /// On return the commit and everything that it reaches can be read until the cache is replaced. The network
    /// work takes at most the remote's timeout and a short grace, beside which packs are merged now and then, within
    /// ``GitLimits/compactionTime``; cancelling the task kills the child. A cache that is missing, damaged or of another
    /// URL is replaced by a fresh clone.
    @discardableResult
    package func fetch() async throws(GitError) -> FetchedRevision {
        do {
            let lock = try await FileLock(folder.lock, .exclusive, patience: remote.timeout)
            return try await FetchSession(remote, in: folder, runner: runner, limits: limits, lock: lock)
                .run()
        } catch {
            throw error.whileDoing("cannot fetch \(remote.reference) from \(remote.url)")
        }
    }

    /// Starts the child process of the next fetch ahead of it; for processes that fetch again and again. It ends with this
    /// value, and with this process.
    package func makeReady() { runner.makeReady() }

    /// The files below the configured path of a commit.
    package func files(of commit: ObjectID) async throws(GitError) -> TreeListing {
        let (limits, path) = (limits, remote.path)
        return try await read("cannot read `\(path)` of commit \(commit.short)") { repository, _ in
            let tree = try repository.tree(at: path, of: try repository.known(commit))
            return try TreeWalk.list(tree, in: repository, limits: limits)
        }
    }

    /// How the files below the configured path of a commit differ from those of an earlier one.
    ///
    /// nil when only a look at all files can tell: the cache does not hold the earlier one, or a folder is not as git
    /// makes them.
    package func changes(
        of commit: ObjectID, since basis: TreeBasis, reading isWanted: @escaping @Sendable (String) -> Bool
    ) async throws(GitError) -> ChangedFiles? {
        let (limits, path) = (limits, remote.path)
        return try await read("cannot read `\(path)` of commit \(commit.short)") { repository, _ in
            let tree = try repository.tree(at: path, of: try repository.known(commit))
            guard try repository.contains(basis.tree) else { return nil }
            do {
                let (changes, basis) = try TreeComparison.compare(basis, tree, in: repository, limits: limits)
                let wanted = changes.updated.filter { isWanted($0.path) }.map(\.blob)
                return ChangedFiles(
                    changes: changes, basis: basis, contents: try repository.blobs(wanted, limits: limits))
            } catch is TreeComparison.Irregular {
                return nil
            }
        }
    }

    /// The contents of blobs, each within the limits.
    package func blobs(_ ids: [ObjectID]) async throws(GitError) -> [ObjectID: BlobContent] {
        let limits = limits
        return try await read("cannot read \(ids.count) files") { repository, _ in
            try repository.blobs(ids, limits: limits)
        }
    }

    /// What a commit says about itself.
    package func commit(_ id: ObjectID) async throws(GitError) -> Commit {
        try await read("cannot read commit \(id.short)") { repository, _ in try repository.known(id) }
    }

    /// True when `ancestor` is `descendant` or in its history; false means that history was rewritten.
    ///
    /// A commit that the cache does not hold is in nobody's history, because the history of what was fetched is
    /// complete.
    package func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) async throws(GitError) -> Bool {
        try await read("cannot compare commits \(ancestor.short) and \(descendant.short)") { repository, _ in
            try repository.isAncestor(ancestor, of: try repository.known(descendant).id)
        }
    }

    /// The commits that `last` reaches and `first` does not, newest first, at most `limit`; all that `last`
    /// reaches when `first` is nil or not in the cache.
    package func commits(
        after first: ObjectID?, upTo last: ObjectID, limit: Int
    ) async throws(GitError) -> [Commit] {
        try await read("cannot read the history of commit \(last.short)") { repository, _ in
            var commits: [Commit] = []
            for id in try repository.commits(after: first, upTo: try repository.known(last).id, limit: limit)
            {
                commits.append(try repository.commit(id))
            }
            return commits
        }
    }

    /// Runs `body` on a thread of its own, beside other readers and while no fetch changes anything. It gets
    /// the lock that it runs under.
    func read<Success: Sendable>(
        _ action: String, _ body: @escaping @Sendable (borrowing Repository, FileLock) throws -> Success
    ) async throws(GitError) -> Success {
        do {
            let lock = try await FileLock(folder.lock, .shared, patience: remote.timeout)
            let repository = folder.repository
            return try await GitThread.run("git-cache") { () throws(GitError) in
                try CacheReading.run(repository) { repository in try body(repository, lock) }
            }
        } catch {
            throw error.whileDoing(action)
        }
    }
}
