/// What a fetch found.
package struct FetchedRevision: Sendable, Hashable {
    /// Full name of the reference, for example `refs/heads/main`; nil when a commit id was asked for.
    package let reference: String?
    package let commit: Commit
    /// The tree of the configured path: as long as it is the same, so are all files below it.
    package let pathTree: ObjectID
    /// False when the cache held the commit under this reference already.
    package let isNew: Bool
    package let receivedBytes: Int

    init(_ reply: FetchReply, commit: Commit, pathTree: ObjectID) {
        reference = reply.reference
        self.commit = commit
        self.pathTree = pathTree
        isNew = !reply.isUnchanged
        receivedBytes = reply.receivedBytes
    }
}
