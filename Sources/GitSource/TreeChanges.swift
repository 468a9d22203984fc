/// What an earlier look at the files below a folder came to, from which a later one can go on.
package struct TreeBasis: Sendable, Equatable {
    /// Of the configured path.
    package let tree: ObjectID
    /// Files and skipped entries below it.
    package let entries: Int

    package init(tree: ObjectID, entries: Int) {
        self.tree = tree
        self.entries = entries
    }
}

/// What a look at what changed brought.
package struct ChangedFiles: Sendable, Equatable {
    package let changes: TreeChanges
    /// What the next look can go on from.
    package let basis: TreeBasis
    /// Of the changed files that were wanted.
    package let contents: [ObjectID: BlobContent]
}

/// How the files below a folder differ from those of an earlier commit.
package struct TreeChanges: Sendable, Equatable {
    /// New and changed files, in the order of their paths' bytes.
    package var updated: [TreeFile] = []
    /// What is new and not followed.
    package var skipped: [SkippedEntry] = []
    /// Paths of what is gone or changed, whether it was followed or not; control characters are escaped where it was not.
    package var removed: [String] = []
}
