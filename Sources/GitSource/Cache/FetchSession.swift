/// One fetch from beginning to end, under the exclusive lock.
struct FetchSession: Sendable {
    private let remote: GitRemote
    private let folder: CacheFolder
    private let runner: ChildRunner
    private let keeper: CacheKeeper
    private let condition: CacheCondition
    private let limits: GitLimits
    private let lock: FileLock

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
    }

    func run() async throws(GitError) -> FetchedRevision {
        let step = try await firstStep()
        // Nothing of it for work on the cache: a cache that takes long must not make every fetch fail.
        let deadline = ContinuousClock.now + remote.timeout
        switch step {
        case .nothing(let revision): return revision
        case .clone: return try await clone(before: deadline)
        case .update:
            do { return try await update(before: deadline) } catch {
                guard error.category == .cacheDamaged else { throw error }
                return try await clone(before: deadline)
            }
        }
    }

    /// What is left to do when the cache is in order.
    private enum Step: Sendable {
        case nothing(FetchedRevision)
        case update, clone
    }

    /// Cleans up, finds out what is needed, and merges packs.
    private func firstStep() async throws(GitError) -> Step {
        do {
            if let step = try await prepare() { return step }
            return try await compact() ? .update : .clone
        } catch {
            guard error.category == .cacheDamaged else { throw error }
            return .clone
        }
    }

    /// Cleans up, finds out what is needed, and notes that the clone is about to change. nil: merge packs first.
    private func prepare() async throws(GitError) -> Step? {
        let (keeper, condition, limits) = (keeper, condition, limits)
        let (remote, repository) = (remote, folder.repository)
        return try await GitThread.run("git-cache") { () throws(GitError) in
            try keeper.tidy()
            switch try keeper.need(limits: limits) {
            case .clone: return .clone
            case .compaction:
                try condition.beginChange()
                return nil
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
    private func update(before deadline: ContinuousClock.Instant) async throws(GitError) -> FetchedRevision {
        let condition = condition
        let reply: FetchReply
        do {
            reply = try await fetch(into: folder.repository, before: deadline)
        } catch {
            // A child that could still answer left nothing half done; one that was killed may have.
            if error.category.isAnswerOfChild {
                try await GitThread.run("git-cache") { () throws(GitError) in try condition.endChange() }
            }
            throw error
        }
        return try await complete(reply) { () throws(GitError) in try condition.endChange() }
    }

    /// Fetches into a new clone, which replaces the old one when it is complete.
    private func clone(before deadline: ContinuousClock.Instant) async throws(GitError) -> FetchedRevision {
        let keeper = keeper
        do {
            let reply = try await fetch(into: folder.replacement, before: deadline)
            return try await complete(reply) { () throws(GitError) in try keeper.replace() }
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
        return try await GitThread.run("git-cache") { () throws(GitError) in
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

    private func fetch(
        into repository: String, before deadline: ContinuousClock.Instant
    ) async throws(GitError) -> FetchReply {
        do { return try await runner.fetch(remote, into: repository, deadline: deadline, lock: lock) } catch {
            guard error.category == .timeout else { throw error }
            throw GitError(
                .timeout, "no result after \(remote.timeout.text)",
                hint: "is the remote reachable? A large repository may need a longer --git-timeout")
        }
    }

    /// Merges packs. False when that fails, takes too long or is not enough: a fresh clone does the same.
    private func compact() async throws(GitError) -> Bool {
        do {
            try await runner.compact(folder.repository, timeout: limits.compactionTime, lock: lock)
        } catch {
            guard error.category != .cancelled else { throw error }
            return false
        }
        let (keeper, limits) = (keeper, limits)
        return try await GitThread.run("git-cache") { () throws(GitError) in
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
