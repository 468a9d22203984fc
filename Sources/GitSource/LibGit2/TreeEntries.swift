import CLibGit2

/// The entries of one tree, one after the other.
struct TreeEntries: ~Copyable {
    private let tree: Owned
    private let count: Int
    private var position = 0
    /// nil at the end.
    private(set) var first: OpaquePointer?

    init(of id: ObjectID, in repository: borrowing Repository) throws(LibGit2Failure) {
        var raw = id.raw
        let pointer = repository.pointer
        tree = try Owned(git_tree_free) { git_tree_lookup(&$0, pointer, &raw) }
        count = git_tree_entrycount(tree.pointer)
        first = git_tree_entry_byindex(tree.pointer, 0)
    }

    /// - Throws: `TreeComparison.Irregular` when the next entry does not come behind the first one.
    mutating func advance() throws(TreeComparison.Irregular) {
        let last = first
        position += 1
        first = git_tree_entry_byindex(tree.pointer, position)
        if let last, let first, git_tree_entry_cmp(last, first) >= 0 { throw TreeComparison.Irregular() }
    }

    /// Negative when the left one comes first; the end comes last.
    static func order(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Int32 {
        guard let left else { return 1 }
        guard let right else { return -1 }
        return git_tree_entry_cmp(left, right)
    }
}
