import CLibGit2

/// What a signature signs.
struct SignedText {
    /// As it stands in the commit, armored.
    let signature: String
    /// The commit without the signature.
    let text: [UInt8]
}

extension Repository {
    /// nil for a commit that is not signed.
    func signature(of commit: ObjectID) throws(LibGit2Failure) -> SignedText? {
        var (signature, text) = (git_buf(), git_buf())
        defer {
            git_buf_dispose(&signature)
            git_buf_dispose(&text)
        }
        var id = commit.raw
        let code = git_commit_extract_signature(&signature, &text, pointer, &id, "gpgsig")
        if code == GIT_ENOTFOUND.rawValue { return nil }
        try check(code)
        return SignedText(
            signature: String(decoding: Self.bytes(signature), as: UTF8.self), text: Self.bytes(text))
    }

    private static func bytes(_ buffer: git_buf) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }
}
