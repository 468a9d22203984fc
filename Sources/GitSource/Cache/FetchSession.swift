/// One fetch from beginning to end, under the exclusive lock.
struct FetchSession: Sendable {
    private let remote: GitRemote
    private let folder: CacheFolder
    private let runner: ChildRunner
    private let keeper: CacheKeeper
    private let condition: CacheCondition
    private let limits: GitLimits
    private let lock: FileLock
    private let deadline: ContinuousClock.Instant

    init(
        _ remote: GitRemote, in folder: CacheFolder, runner: ChildRunner, limits: GitLimits, lock: FileLock
    ) {
        self.remote = remote
        self.folder = folder
        self.limits = limits
        self.lock = lock
        self.runner = runner
        keeper = CacheKeeper(folder: folder)
        condition = CacheCondition(folder.repository)
        deadline = ContinuousClock.now + remote.timeout
    }

    func run() async throws(GitError) -> FetchedRevision {
        do { return try await advance() } catch {
            guard error.category == .cacheDamaged else { throw error }
            return try await clone()
        }
    }

    private func advance() async throws(GitError) -> FetchedRevision {
        switch try await prepare() {
        case .nothing(let revision): return revision
        case .update: return try await update()
        case .compaction: return try await compact() ? try await update() : try await clone()
        case .clone: return try await clone()
        }
    }

    /// What is left to do after a look at the cache.
    private enum Step: Sendable {
        case nothing(FetchedRevision)
        case update, compaction, clone
    }

    /// Cleans up, finds out what is needed, and notes that the clone is about to change.
    private func prepare() async throws(GitError) -> Step {
        let (keeper, condition, limits) = (keeper, condition, limits)
        let (remote, repository) = (remote, folder.repository)
        return try await BlockingThread.run { () throws(GitError) in
            try keeper.tidy()
            switch try keeper.need(limits: limits) {
            case .clone: return .clone
            case .compaction:
                try condition.beginChange()
                return .compaction
            case .none:
                if let reply = UnchangedReference.find(remote, in: repository) {
                    return .nothing(try Self.revision(reply, in: repository, remote.path))
                }
                try condition.beginChange()
                return .update
            }
        }
    }

    /// Fetches into the clone that is there.
    private func update() async throws(GitError) -> FetchedRevision {
        let condition = condition
        let reply: FetchReply
        do {
            reply = try await fetch(into: folder.repository)
        } catch {
            // A child that could still answer left nothing half done; one that was killed may have.
            if error.category.isAnswerOfChild {
                try await BlockingThread.run { () throws(GitError) in try condition.endChange() }
            }
            throw error
        }
        return try await complete(reply) { () throws(GitError) in try condition.endChange() }
    }

    /// Fetches into a new clone, which replaces the old one when it is complete.
    private func clone() async throws(GitError) -> FetchedRevision {
        let keeper = keeper
        do {
            return try await complete(try await fetch(into: folder.replacement)) { () throws(GitError) in
                try keeper.replace()
            }
        } catch {
            guard error.category == .cacheDamaged else { throw error }
            // Fresh from the remote, so it is not this side that is broken.
            throw GitError(.protocolViolation, "the remote's repository is damaged: \(error.message)")
        }
    }

    /// Finishes the change of the clone and reads what was fetched.
    private func complete(
        _ reply: FetchReply, finish: @escaping @Sendable () throws(GitError) -> Void
    ) async throws(GitError) -> FetchedRevision {
        let (repository, path) = (folder.repository, remote.path)
        return try await BlockingThread.run { () throws(GitError) in
            try finish()
            return try Self.revision(reply, in: repository, path)
        }
    }

    private static func revision(
        _ reply: FetchReply, in repository: String, _ path: RepositoryPath
    ) throws(GitError) -> FetchedRevision {
        try CacheReading.run(repository) { repository in
            let commit = try repository.commit(reply.commit)
            return FetchedRevision(reply, commit: commit, pathTree: try repository.tree(at: path, of: commit))
        }
    }

    private func fetch(into repository: String) async throws(GitError) -> FetchReply {
        do { return try await runner.fetch(remote, into: repository, deadline: deadline, lock: lock) } catch {
            guard error.category == .timeout else { throw error }
            throw GitError(
                .timeout, "no result after \(remote.timeout.text)",
                hint: "is the remote reachable? A large repository may need a longer --git-timeout")
        }
    }

    /// Merges packs. False when that fails or is not enough: a fresh clone does the same.
    private func compact() async throws(GitError) -> Bool {
        do {
            try await runner.compact(folder.repository, timeout: remote.timeout, lock: lock)
        } catch {
            guard error.category != .cancelled else { throw error }
            return false
        }
        let (keeper, limits) = (keeper, limits)
        return try await BlockingThread.run { () throws(GitError) in
            try keeper.need(limits: limits) == .none
        }
    }
}

extension GitError.Category {
    /// False for what only the parent reports: the child was killed or died.
    fileprivate var isAnswerOfChild: Bool {
        switch self {
        case .timeout, .cancelled, .childFailed, .cacheDamaged: false
        default: true
        }
    }
}

extension Duration {
    /// For example `60 s` or `0.5 s`.
    fileprivate var text: String {
        let (seconds, attoseconds) = components
        let tenths = attoseconds / 100_000_000_000_000_000
        return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
}
