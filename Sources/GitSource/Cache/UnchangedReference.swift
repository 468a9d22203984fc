import CLibGit2

/// Sees without a child process that there is nothing to fetch: a commit id that was fetched stays what it is,
/// and a repository on this machine can be looked at.
///
/// No network is involved, and a process for each poll would cost ten times the look. Only a repository that a
/// child has fetched from before, and so has checked, is looked at.
enum UnchangedReference {
    /// nil when there may be something to fetch, or when it cannot be told: the child explains better.
    static func find(_ remote: GitRemote, in clone: String) -> FetchReply? {
        do throws(LibGit2Failure) {
            let clone = try Repository(opening: clone)
            if case .commit(let id) = remote.reference { return try reply(id.hex, nil, at: id, in: clone) }
            guard remote.url.host == nil else { return nil }
            let source = try Repository(openingLocal: remote.url.path)
            guard let name = try source.name(of: remote.reference), let id = try source.target(of: name)
            else {
                return nil
            }
            return try reply(name, name, at: id, in: clone)
        } catch {
            return nil
        }
    }

    /// nil unless the clone holds `id` under `name` already.
    private static func reply(
        _ name: String, _ reference: String?, at id: ObjectID, in clone: borrowing Repository
    ) throws(LibGit2Failure) -> FetchReply? {
        guard try clone.target(of: Fetch.localName(of: name)) == id, try clone.contains(id) else {
            return nil
        }
        return FetchReply(
            reference: reference, commit: try clone.commit(peeling: id), isUnchanged: true, receivedBytes: 0)
    }
}

extension Repository {
    /// The full name of what a reference means here; nil when that is nothing.
    fileprivate func name(of reference: GitReference) throws(LibGit2Failure) -> String? {
        switch reference {
        case .commit: return nil
        case .full(let name): return name
        case .named(let name):
            let branch = "refs/heads/\(name)"
            return try target(of: branch) == nil ? "refs/tags/\(name)" : branch
        case .defaultBranch:
            let head = try Owned(git_reference_free) { git_reference_lookup(&$0, pointer, "HEAD") }
            return git_reference_symbolic_target(head.pointer).map { String(cString: $0) } ?? "HEAD"
        }
    }
}
