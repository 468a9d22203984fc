import CLibGit2

/// Which commit of a remote is wanted.
package enum GitReference: Sendable, Hashable {
    /// What the remote's `HEAD` points to.
    case defaultBranch
    /// A branch or else a tag, by its short name.
    case named(String)
    /// A full name such as `refs/heads/main`.
    case full(String)
    /// A commit that a branch reaches.
    case commit(ObjectID)

    /// nil, the empty text and `HEAD` mean the remote's default branch.
    package init(_ text: String?) throws(GitError) {
        guard let text, !text.isEmpty, text != "HEAD" else {
            self = .defaultBranch
            return
        }
        if let id = ObjectID(hex: text) {
            self = .commit(id)
            return
        }
        let isFull = text.hasPrefix("refs/")
        guard Self.isValid(isFull ? text : "refs/heads/\(text)") else {
            throw GitError(
                .invalidOption, "invalid ref `\(text.printable)`",
                hint: "give a branch, a tag or the 40 digits of a commit id")
        }
        self = isFull ? .full(text) : .named(text)
    }

    private static func isValid(_ name: String) -> Bool {
        LibGit2.initialize()
        var valid: Int32 = 0
        // The function needs NUL-terminated text, so an embedded NUL would hide what follows.
        return !name.utf8.contains(0) && git_reference_name_is_valid(&valid, name) == 0 && valid == 1
    }
}

extension GitReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .defaultBranch: "HEAD"
        case .named(let name), .full(let name): name
        case .commit(let id): id.hex
        }
    }
}
