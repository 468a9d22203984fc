import Resources

/// Everything that decides whether a poll has work to do, in one digest. As long as it is the same, the last answer
/// is.
struct NoopKey: Equatable {
    let text: String

    /// - Parameter contentID: of the snapshot.
    /// - Parameter rules: version of the program and the options that change what files mean.
    /// - Parameter liveDigest: of the live set.
    init(contentID: String, rules: String, liveDigest: String) {
        text = ResourceDigest(of: "1\n\(contentID)\n\(rules)\n\(liveDigest)\n").hex
    }
}
