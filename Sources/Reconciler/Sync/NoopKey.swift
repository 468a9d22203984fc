import Resources

/// Everything that decides whether a poll has work to do, in one digest. As long as it is the same, the last answer
/// is.
struct NoopKey: Equatable {
    let text: String

    /// - Parameters:
    ///   - contentKey: of the files.
    ///   - liveDigest: of the live set.
    ///   - policy: what decides about commits beside their files: who may sign, what is suspended.
    init(contentKey: String, liveDigest: String, policy: String) {
        text = ResourceDigest(of: "2\n\(contentKey)\n\(liveDigest)\n\(policy)\n").hex
    }

    /// - Parameters:
    ///   - contentID: of the snapshot.
    ///   - rules: version of the program and the options that change what files mean.
    static func contentKey(_ contentID: String, rules: String) -> String {
        ResourceDigest(of: "1\n\(contentID)\n\(rules)\n").hex
    }
}
