import Crypto

extension GitCache {
    /// Checks the signatures of all commits that `last` reaches and `first` does not; of `last` alone, which
    /// stands for its history, when `first` is nil or not in the cache.
    ///
    /// - Parameters:
    ///   - allowedSigners: a file in OpenSSH's allowed_signers format, read now; armored OpenPGP public keys may
    ///     stand in it too, and are used through `gpgv`.
    ///   - limit: more commits than this are an error: none may pass unchecked.
    /// - Returns: newest first; nothing when `last` is `first` or older.
    package func checkSignatures(
        after first: ObjectID?, upTo last: ObjectID, allowedSigners: String, limit: Int = 10_000
    ) async throws(GitError) -> [CheckedCommit] {
        let folder = folder.path + "/verification-\(UInt64.random(in: .min ... .max))"
        return try await read("cannot check the signatures up to commit \(last.short)") { repository, lock in
            let allowed = try AllowedSigners(file: allowedSigners)
            let check = SignatureCheck(allowed, openPGP: OpenPGPCheck(folder: folder, lock: lock.descriptor))
            let newest = try repository.known(last)
            let known = try first.map { try repository.contains($0) } ?? false
            let ids = known ? try repository.commits(after: first, upTo: newest.id, limit: limit + 1) : [last]
            guard ids.count <= limit else {
                throw GitError(.tooLarge, "there are more than \(limit) commits to check")
            }
            var checked: [CheckedCommit] = []
            for id in ids {
                let commit = try repository.commit(id)
                checked.append(
                    CheckedCommit(commit: commit, verdict: try check.verdict(on: commit, in: repository)))
            }
            return checked
        }
    }

    /// Changes whenever the file of those who may sign does.
    package static func identity(ofAllowedSigners file: String) throws(GitError) -> String {
        let bytes = try SmallFile.read(file, what: "file of allowed signers")
        return SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
