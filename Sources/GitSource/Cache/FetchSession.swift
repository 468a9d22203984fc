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
        _ remote: GitRemote, in folder: CacheFolder, child: GitChildCommand, limits: GitLimits, lock: FileLock
    ) {
        self.remote = remote
        self.folder = folder
        self.limits = limits
        self.lock = lock
        runner = ChildRunner(command: child, folder: folder, limits: limits)
        keeper = CacheKeeper(folder: folder)
        condition = CacheCondition(folder.repository)
        deadline = ContinuousClock.now + remote.timeout
    }

    func run() async throws(GitError) -> FetchedRevision {
        var need = try await prepare()
        if need == .compaction { need = try await compact() }
        guard need == .none else { return try await clone() }
        do { return try await update() } catch {
            guard error.category == .cacheDamaged else { throw error }
            return try await clone()
        }
    }

    /// Cleans up, finds out what is needed, and notes that the clone is about to change.
    private func prepare() async throws(GitError) -> CacheKeeper.Need {
        let (keeper, condition, limits) = (keeper, condition, limits)
        return try await BlockingThread.run { () throws(GitError) in
            try keeper.tidy()
            let need = try keeper.need(limits: limits)
            if need != .clone { try condition.beginChange() }
            return need
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
            return try CacheReading.run(repository) { repository in
                let commit = try repository.commit(reply.commit)
                let tree = try repository.tree(at: path, of: commit)
                return FetchedRevision(reply, commit: commit, pathTree: tree)
            }
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

    /// Merges packs. When that fails or is not enough, a fresh clone does the same.
    private func compact() async throws(GitError) -> CacheKeeper.Need {
        do {
            try await runner.compact(folder.repository, timeout: remote.timeout, lock: lock)
        } catch {
            guard error.category != .cancelled else { throw error }
            return .clone
        }
        return try await prepare() == .none ? .none : .clone
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
