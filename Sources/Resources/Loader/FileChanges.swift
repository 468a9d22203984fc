/// What became of the files of a configuration since an earlier look at them.
package struct FileChanges: Sendable {
    /// New and changed files.
    package var updated: [ConfigurationFile]
    /// Paths of files that are gone; one that is among the updated ones is there all the same.
    package var removed: [String]

    package init(updated: [ConfigurationFile], removed: [String]) {
        self.updated = updated
        self.removed = removed
    }
}
