import CLibGit2

/// One fetch of one reference, in the child process.
enum Fetch {
    static func run(_ request: FetchRequest, into repository: String) throws(GitError) -> FetchReply {
        LibGit2.initialize()
        let url = try RemoteURL(request.url)
        let reference = try GitReference(request.reference)
        let connection = try Connection(url, request)
        do {
            let repository = try open(repository)
            try check(zs_git_set_user_agent("zentra-sync"))
            // From here on libgit2 opens only what the user named, and only if it belongs to this user.
            try check(zs_git_set_owner_validation(1))
            return try fetch(reference, from: connection, into: repository)
        } catch let failure as LibGit2Failure {
            throw connection.explain(failure)
        } catch let error as GitError {
            throw error
        } catch {
            throw GitError(.childFailed, "unexpected error \(error)")
        }
    }

    private static func open(_ path: String) throws(LibGit2Failure) -> Repository {
        do { return try Repository(opening: path) } catch {
            guard error.isNotFound else { throw error }
            return try Repository(creating: path)
        }
    }

    private static func fetch(
        _ reference: GitReference, from connection: Connection, into repository: borrowing Repository
    ) throws -> FetchReply {
        let remote = try connection.open(in: repository)
        let heads = try Heads(of: remote)
        switch try heads.find(reference) {
        case .head(let head):
            return try fetch(head, remote, from: connection, into: repository)
        case .commit(let id):
            return try fetch(commit: id, heads.branches, remote, from: connection, into: repository)
        }
    }

    private static func fetch(
        _ head: Heads.Head, _ remote: borrowing Owned, from connection: Connection,
        into repository: borrowing Repository
    ) throws -> FetchReply {
        let local = try localName(of: head.name)
        let known = try repository.target(of: local)
        let isUnchanged = try known == head.id && repository.contains(head.id)
        if !isUnchanged {
            if try connection.copy(head.id, after: known, into: repository) {
                try repository.set(local, to: head.id)
            } else {
                try connection.download([head], from: remote)
            }
        }
        return FetchReply(
            reference: head.name, commit: try repository.commit(peeling: head.id), isUnchanged: isUnchanged,
            receivedBytes: connection.receivedBytes)
    }

    /// A commit cannot be asked for by its id, so all branches are fetched that the cache does not have.
    private static func fetch(
        commit: ObjectID, _ branches: [Heads.Head], _ remote: borrowing Owned, from connection: Connection,
        into repository: borrowing Repository
    ) throws -> FetchReply {
        let isUnchanged = try repository.contains(commit)
        let missing = try repository.missing(branches)
        if !missing.isEmpty { try connection.download(missing, from: remote) }
        guard try repository.isReachable(commit, from: branches.map(\.id)) else {
            throw GitError(.refNotFound, "no branch reaches commit \(commit)")
        }
        try repository.pin(commit)
        return FetchReply(
            reference: nil, commit: commit, isUnchanged: isUnchanged, receivedBytes: connection.receivedBytes)
    }

    /// Where the cache keeps the remote's reference: names without the hierarchy, in which a new branch `a/b`
    /// would collide with a deleted branch `a`.
    static func localName(of name: String) throws(LibGit2Failure) -> String {
        var id = git_oid()
        try check(git_odb_hash(&id, name, name.utf8.count, GIT_OBJECT_BLOB))
        return "refs/zentra-sync/\(ObjectID(id))"
    }
}

extension Repository {
    /// Notes that a branch has reached the commit: from then on there is nothing to fetch for its id.
    fileprivate func pin(_ commit: ObjectID) throws(LibGit2Failure) {
        try set(try Fetch.localName(of: commit.hex), to: commit)
    }

    fileprivate func set(_ reference: String, to id: ObjectID) throws(LibGit2Failure) {
        var id = id.raw
        _ = try Owned(git_reference_free) { git_reference_create(&$0, pointer, reference, &id, 1, nil) }
    }

    fileprivate func missing(_ heads: [Heads.Head]) throws(LibGit2Failure) -> [Heads.Head] {
        var missing: [Heads.Head] = []
        for head in heads where try target(of: Fetch.localName(of: head.name)) != head.id {
            missing.append(head)
        }
        return missing
    }
}
