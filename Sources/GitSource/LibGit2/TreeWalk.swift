import CLibGit2

/// Lists the files below a tree, in the order of their paths.
struct TreeWalk {
    private var listing = TreeListing()
    private let limits: GitLimits
    /// The last path that was seen: a valid tree yields ascending paths.
    private var last: [UInt8] = []

    /// - Throws: also `GIT_EBUFS` beyond the limit of entries.
    static func list(
        _ tree: ObjectID, in repository: borrowing Repository, limits: GitLimits
    ) throws(LibGit2Failure) -> TreeListing {
        var walk = TreeWalk(limits: limits)
        try walk.visit(tree, prefix: "", depth: 1, in: repository)
        return walk.listing
    }

    private init(limits: GitLimits) { self.limits = limits }

    private mutating func visit(
        _ id: ObjectID, prefix: String, depth: Int, in repository: borrowing Repository
    ) throws(LibGit2Failure) {
        var raw = id.raw
        let pointer = repository.pointer
        let tree = try Owned(git_tree_free) { git_tree_lookup(&$0, pointer, &raw) }
        for position in 0..<git_tree_entrycount(tree.pointer) {
            guard let entry = git_tree_entry_byindex(tree.pointer, position) else { continue }
            guard listing.files.count + listing.skipped.count < limits.entries else { throw tooManyEntries }
            try visit(entry, prefix: prefix, depth: depth, in: repository)
        }
    }

    private mutating func visit(
        _ entry: OpaquePointer, prefix: String, depth: Int, in repository: borrowing Repository
    ) throws(LibGit2Failure) {
        let name = git_tree_entry_name(entry).flatMap { String(validatingCString: $0) }
        guard let name, EntryName.isSafe(name) else {
            let shown = git_tree_entry_name(entry).map { String(cString: $0) } ?? ""
            return skip(prefix + shown, .unsafeName)
        }
        let path = prefix + name
        let id = ObjectID(git_tree_entry_id(entry).pointee)
        let mode = git_tree_entry_filemode(entry)
        switch mode {
        case GIT_FILEMODE_TREE:
            guard depth < limits.depth else { return skip(path, .tooDeep) }
            try visit(id, prefix: path + "/", depth: depth + 1, in: repository)
        case GIT_FILEMODE_LINK: skip(path, .symbolicLink)
        case GIT_FILEMODE_COMMIT: skip(path, .submodule)
        default:
            guard last.lexicographicallyPrecedes(path.utf8) else { return skip(path, .malformed) }
            last.replaceSubrange(0..., with: path.utf8)
            listing.files.append(
                TreeFile(path: path, blob: id, isExecutable: mode == GIT_FILEMODE_BLOB_EXECUTABLE))
        }
    }

    private mutating func skip(_ path: String, _ reason: SkippedEntry.Reason) {
        listing.skipped.append(SkippedEntry(path: path.printable, reason: reason))
    }

    private var tooManyEntries: LibGit2Failure {
        LibGit2Failure(
            code: GIT_EBUFS, area: GIT_ERROR_TREE, message: "it holds more than \(limits.entries) entries")
    }
}
