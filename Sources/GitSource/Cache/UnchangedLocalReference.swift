import CLibGit2

/// Sees without a child process that a reference of a repository on this machine has not moved.
///
/// No network is involved, and a process for each poll would cost ten times the look. Only a repository that a
/// child has fetched from before, and so has checked, is looked at.
enum UnchangedLocalReference {
    /// nil when it has moved, when it cannot be told, and for remotes on the network: a fetch says more.
    static func find(_ remote: GitRemote, in clone: String) -> FetchReply? {
        guard remote.url.host == nil else { return nil }
        do throws(LibGit2Failure) {
            return try find(remote.reference, of: remote.url.path, in: clone)
        } catch {
            return nil
        }
    }

    private static func find(
        _ reference: GitReference, of path: String, in clone: String
    ) throws(LibGit2Failure) -> FetchReply? {
        let clone = try Repository(opening: clone)
        let source = try Repository(openingLocal: path)
        guard let name = try source.name(of: reference), let id = try source.target(of: name),
            try clone.target(of: Fetch.localName(of: name)) == id, try clone.contains(id)
        else { return nil }
        return FetchReply(
            reference: name, commit: try clone.commit(peeling: id), isUnchanged: true, receivedBytes: 0)
    }
}

extension Repository {
    /// The full name of what a reference means here; nil when that is nothing, or a commit id.
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
