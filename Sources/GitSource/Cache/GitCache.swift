import Glibc
import JSON

/// The private bare clone of one remote, without a checkout.
///
/// Fetching happens in a child process, reading on a thread of its own; nothing here blocks the cooperative
/// pool. Several processes may use one folder: each operation takes the folder's lock while it lasts.
package struct GitCache: Sendable {
    package let remote: GitRemote
    private let folder: CacheFolder
    private let child: GitChildCommand
    private let limits: GitLimits

    /// - Parameters:
    ///   - directory: made with mode 0700 when it is missing; it must belong to this user.
    ///   - child: what to start for network work.
    package init(
        directory: String, remote: GitRemote, child: GitChildCommand = .ownBinary,
        limits: GitLimits = GitLimits()
    ) throws(GitError) {
        self.remote = remote
        self.child = child
        self.limits = limits
        folder = CacheFolder(directory, for: remote.url)
        try folder.prepare()
    }

    /// Brings the remote's reference into the cache.
    ///
    /// On return the commit and everything that it reaches can be read until the cache is replaced. The whole
    /// takes at most the remote's timeout and a short grace; cancelling the task kills the child.
    package func fetch() async throws(GitError) -> FetchedRevision {
        do {
            let lock = try await FileLock(folder.lock, .exclusive, patience: remote.timeout)
            let runner = ChildRunner(command: child, folder: folder, limits: limits)
            let reply = try await runner.fetch(remote, into: folder.repository, lock: lock)
            return try await revision(reply)
        } catch {
            throw error.whileDoing("cannot fetch \(remote.reference) from \(remote.url)")
        }
    }

    /// The files below the configured path of a commit.
    package func files(of commit: ObjectID) async throws(GitError) -> TreeListing {
        let (limits, path) = (limits, remote.path)
        return try await read("cannot read \(path) of commit \(commit.short)") {
            repository throws(LibGit2Failure) in
            switch try repository.folder(path, of: try repository.commit(commit)) {
            case .tree(let tree): .success(try TreeWalk.list(tree, in: repository, limits: limits))
            case .absent(let part, let why): .failure(Self.absent(part, why))
            }
        }
    }

    /// The contents of blobs, each within the limits.
    package func blobs(_ ids: [ObjectID]) async throws(GitError) -> [ObjectID: BlobContent] {
        let limits = limits
        return try await read("cannot read \(ids.count) files") { repository throws(LibGit2Failure) in
            .success(try repository.blobs(ids, limits: limits))
        }
    }

    /// What a commit says about itself.
    package func commit(_ id: ObjectID) async throws(GitError) -> Commit {
        try await read("cannot read commit \(id.short)") { repository throws(LibGit2Failure) in
            .success(try repository.commit(id))
        }
    }

    /// True when `ancestor` is `descendant` or in its history. A commit that the cache does not hold is in
    /// nobody's history, because the history of what was fetched is complete.
    package func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) async throws(GitError) -> Bool {
        try await read("cannot compare commits") { repository throws(LibGit2Failure) in
            .success(try repository.isAncestor(ancestor, of: descendant))
        }
    }

    /// The commits that `last` reaches and `first` does not, newest first, at most `limit`.
    package func commits(
        after first: ObjectID?, upTo last: ObjectID, limit: Int
    ) async throws(GitError) -> [Commit] {
        try await read("cannot read the history of \(last.short)") { repository throws(LibGit2Failure) in
            var commits: [Commit] = []
            for id in try repository.commits(after: first, upTo: last, limit: limit) {
                commits.append(try repository.commit(id))
            }
            return .success(commits)
        }
    }
}

extension GitCache {
    private func revision(_ reply: FetchReply) async throws(GitError) -> FetchedRevision {
        let (repository, path) = (folder.repository, remote.path)
        return try await BlockingThread.run { () throws(GitError) in
            try Self.reading(repository) { repository throws(LibGit2Failure) in
                let commit = try repository.commit(reply.commit)
                switch try repository.folder(path, of: commit) {
                case .tree(let tree): return .success(FetchedRevision(reply, commit: commit, pathTree: tree))
                case .absent(let part, let why): return .failure(Self.absent(part, why))
                }
            }
        }
    }

    /// Runs `body` on a thread of its own, beside other readers and while no fetch replaces anything.
    private func read<Success: Sendable>(
        _ action: String,
        _ body: @escaping @Sendable (borrowing Repository) throws(LibGit2Failure) -> Result<Success, GitError>
    ) async throws(GitError) -> Success {
        do {
            let lock = try await FileLock(folder.lock, .shared, patience: remote.timeout)
            let repository = folder.repository
            return try await BlockingThread.run { () throws(GitError) in
                defer { withExtendedLifetime(lock) {} }
                return try Self.reading(repository, body)
            }
        } catch {
            throw error.whileDoing(action)
        }
    }

    private static func reading<Success: Sendable>(
        _ path: String, _ body: (borrowing Repository) throws(LibGit2Failure) -> Result<Success, GitError>
    ) throws(GitError) -> Success {
        let result: Result<Success, GitError>
        do throws(LibGit2Failure) {
            result = try body(Repository(opening: path))
        } catch {
            throw error.whileReading
        }
        return try result.get()
    }

    private static func absent(_ part: String, _ why: String) -> GitError {
        GitError(.pathNotFound, "`\(part.printable)` \(why)", hint: "--path names a folder of the repository")
    }
}
