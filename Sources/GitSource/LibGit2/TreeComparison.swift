import CLibGit2

/// Finds how the files below two trees differ. Looks only into folders that do.
struct TreeComparison {
    /// A tree that git itself would not make: its entries are not in order, or one is there twice.
    struct Irregular: Error {}

    private var changes = TreeChanges()
    private let limits: GitLimits

    /// How what is below `new` differs from what is below `basis`, and how much it is.
    ///
    /// - Throws: ``Irregular``; `GIT_ENOTFOUND` when the repository does not have the old tree; `GIT_EBUFS` beyond the
    ///   limit of entries.
    static func compare(
        _ basis: TreeBasis, _ new: ObjectID, in repository: borrowing Repository, limits: GitLimits
    ) throws -> (changes: TreeChanges, basis: TreeBasis) {
        var comparison = TreeComparison(limits: limits)
        try comparison.visit(basis.tree, new, prefix: "", depth: 1, in: repository)
        let changes = comparison.changes
        let entries = basis.entries + changes.updated.count + changes.skipped.count - changes.removed.count
        guard entries <= limits.entries else { throw limits.tooManyEntries }
        return (changes, TreeBasis(tree: new, entries: entries))
    }

    private init(limits: GitLimits) { self.limits = limits }

    private mutating func visit(
        _ old: ObjectID, _ new: ObjectID, prefix: String, depth: Int, in repository: borrowing Repository
    ) throws {
        guard old != new else { return }
        var old = try TreeEntries(of: old, in: repository)
        var new = try TreeEntries(of: new, in: repository)
        while old.first != nil || new.first != nil {
            let order = TreeEntries.order(old.first, new.first)
            if order == 0, let before = old.first, let after = new.first {
                try compare(before, after, prefix: prefix, depth: depth, in: repository)
            } else if order < 0, let before = old.first {
                try remove(TreeEntry(before, prefix: prefix, depth: depth, limits: limits), depth, repository)
            } else if let after = new.first {
                try add(TreeEntry(after, prefix: prefix, depth: depth, limits: limits), depth, repository)
            }
            if order <= 0 { try old.advance() }
            if order >= 0 { try new.advance() }
        }
    }

    /// Two entries of one name.
    private mutating func compare(
        _ old: OpaquePointer, _ new: OpaquePointer, prefix: String, depth: Int,
        in repository: borrowing Repository
    ) throws {
        let isSame =
            git_oid_equal(git_tree_entry_id(old), git_tree_entry_id(new)) == 1
            && git_tree_entry_filemode(old) == git_tree_entry_filemode(new)
        if isSame { return }
        let before = TreeEntry(old, prefix: prefix, depth: depth, limits: limits)
        let after = TreeEntry(new, prefix: prefix, depth: depth, limits: limits)
        if case .folder(let old, let path) = before, case .folder(let new, _) = after {
            return try visit(old, new, prefix: path, depth: depth + 1, in: repository)
        }
        try remove(before, depth, repository)
        try add(after, depth, repository)
    }

    private mutating func remove(
        _ entry: TreeEntry, _ depth: Int, _ repository: borrowing Repository
    ) throws {
        switch entry {
        case .file(let file): changes.removed.append(file.path)
        case .skipped(let skipped): changes.removed.append(skipped.path)
        case .folder(let id, let path):
            let listing = try list(id, path, depth + 1, in: repository)
            changes.removed += listing.files.map(\.path) + listing.skipped.map(\.path)
        }
    }

    private mutating func add(
        _ entry: TreeEntry, _ depth: Int, _ repository: borrowing Repository
    ) throws {
        switch entry {
        case .file(let file): changes.updated.append(file)
        case .skipped(let skipped): changes.skipped.append(skipped)
        case .folder(let id, let path):
            let listing = try list(id, path, depth + 1, in: repository)
            changes.updated += listing.files
            changes.skipped += listing.skipped
        }
        // All of them are in the new tree. Looked at on the way: the same large folder may be there a thousand times.
        guard changes.updated.count + changes.skipped.count <= limits.entries else {
            throw limits.tooManyEntries
        }
    }

    private func list(
        _ tree: ObjectID, _ path: String, _ depth: Int, in repository: borrowing Repository
    ) throws -> TreeListing {
        let listing = try TreeWalk.list(tree, prefix: path, depth: depth, in: repository, limits: limits)
        guard !listing.skipped.contains(where: { $0.reason == .malformed }) else { throw Irregular() }
        return listing
    }
}
