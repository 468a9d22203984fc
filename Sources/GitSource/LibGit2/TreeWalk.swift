import CLibGit2

/// Lists the files below a tree, in the order of their paths.
struct TreeWalk {
    private var listing = TreeListing()
    private let limits: GitLimits
    /// The last path that was seen: a valid tree yields ascending paths.
    private var last: [UInt8] = []

    /// - Parameters:
    ///   - prefix: the path of the folder, which ends with `/` unless it is empty.
    ///   - depth: of the folder; the configured one has 1.
    /// - Throws: also `GIT_EBUFS` beyond the limit of entries.
    static func list(
        _ tree: ObjectID, prefix: String = "", depth: Int = 1, in repository: borrowing Repository,
        limits: GitLimits
    ) throws(LibGit2Failure) -> TreeListing {
        var walk = TreeWalk(limits: limits)
        try walk.visit(tree, prefix: prefix, depth: depth, in: repository)
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
            guard listing.entries < limits.entries else { throw limits.tooManyEntries }
            switch TreeEntry(entry, prefix: prefix, depth: depth, limits: limits) {
            case .folder(let id, let path): try visit(id, prefix: path, depth: depth + 1, in: repository)
            case .skipped(let entry): listing.skipped.append(entry)
            case .file(let file): add(file)
            }
        }
    }

    private mutating func add(_ file: TreeFile) {
        guard last.lexicographicallyPrecedes(file.path.utf8) else {
            listing.skipped.append(SkippedEntry(path: file.path.printable, reason: .malformed))
            return
        }
        last.replaceSubrange(0..., with: file.path.utf8)
        listing.files.append(file)
    }
}

extension TreeListing {
    /// How many there are.
    package var entries: Int { files.count + skipped.count }
}
