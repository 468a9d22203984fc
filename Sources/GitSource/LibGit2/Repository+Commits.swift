import CLibGit2

extension Repository {
    func commit(_ id: ObjectID) throws(LibGit2Failure) -> Commit {
        var raw = id.raw
        let commit = try Owned(git_commit_free) { git_commit_lookup(&$0, pointer, &raw) }
        let author = git_commit_author(commit.pointer)
        return Commit(
            id: id,
            parents: (0..<git_commit_parentcount(commit.pointer)).map {
                ObjectID(git_commit_parent_id(commit.pointer, $0).pointee)
            },
            tree: ObjectID(git_commit_tree_id(commit.pointer).pointee),
            subject: Self.text(git_commit_summary(commit.pointer)),
            authorName: Self.text(author?.pointee.name),
            authorEmail: Self.text(author?.pointee.email),
            authoredAt: (author?.pointee.when.time ?? 0) &* 1000,
            committedAt: git_commit_time(commit.pointer) &* 1000)
    }

    /// True when `ancestor` is `descendant` or one of its ancestors; false too when the repository does not
    /// hold `ancestor`, because the whole history of `descendant` is here.
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(LibGit2Failure) -> Bool {
        if ancestor == descendant { return true }
        guard try contains(ancestor) else { return false }
        var (old, new) = (ancestor.raw, descendant.raw)
        let code = git_graph_descendant_of(pointer, &new, &old)
        try check(code)
        return code == 1
    }

    /// True when one of `tips` is `commit` or descends from it.
    func isReachable(_ commit: ObjectID, from tips: [ObjectID]) throws(LibGit2Failure) -> Bool {
        guard try contains(commit) else { return false }
        var target = commit.raw
        let code = git_graph_reachable_from_any(pointer, &target, tips.map(\.raw), tips.count)
        try check(code)
        return code == 1
    }

    /// The commits that `last` reaches and `first` does not, newest first, at most `limit`.
    func commits(after first: ObjectID?, upTo last: ObjectID, limit: Int) throws(LibGit2Failure) -> [ObjectID]
    {
        let walk = try Owned(git_revwalk_free) { git_revwalk_new(&$0, pointer) }
        try check(git_revwalk_sorting(walk.pointer, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue))
        var id = last.raw
        try check(git_revwalk_push(walk.pointer, &id))
        if let first, try contains(first) {
            var hidden = first.raw
            try check(git_revwalk_hide(walk.pointer, &hidden))
        }
        var commits: [ObjectID] = []
        while commits.count < limit {
            let code = git_revwalk_next(&id, walk.pointer)
            if code == GIT_ITEROVER.rawValue { break }
            try check(code)
            commits.append(ObjectID(id))
        }
        return commits
    }

    /// Text of a commit as far as it is UTF-8.
    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
