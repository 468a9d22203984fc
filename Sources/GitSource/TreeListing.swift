/// The files below a folder of a commit.
package struct TreeListing: Sendable, Equatable {
    /// In the order of their paths' bytes.
    package var files: [TreeFile] = []
    /// What is there and was not followed.
    package var skipped: [SkippedEntry] = []
}

/// A file of a commit.
package struct TreeFile: Sendable, Hashable {
    /// Relative to the configured path.
    package let path: String
    package let blob: ObjectID
    package let isExecutable: Bool
}

/// An entry of a tree that is not followed.
package struct SkippedEntry: Sendable, Hashable {
    package enum Reason: String, Sendable {
        case symbolicLink = "is a symbolic link"
        case submodule = "is a submodule"
        case unsafeName = "has a name that is not allowed"
        case malformed = "appears twice or out of order"
        case tooDeep = "is nested too deeply"
    }

    /// Relative to the configured path; control characters are escaped.
    package let path: String
    package let reason: Reason
}

/// The content of a blob.
package enum BlobContent: Sendable, Equatable {
    case bytes([UInt8])
    /// Larger than the caller wanted; not read.
    case tooLarge(bytes: Int)
}
