/// What became of checking a commit's signature.
package enum SignatureVerdict: Sendable, Hashable {
    /// Signed by one of the allowed signers: principals of an SSH key, or the fingerprint of an OpenPGP key.
    case good(signer: String)
    /// Not signed, wrongly signed, by somebody else, or in a way that cannot be checked here.
    case refused(reason: String)

    package var isGood: Bool {
        if case .good = self { true } else { false }
    }
}

/// A commit and what became of checking its signature.
package struct CheckedCommit: Sendable, Hashable {
    package let commit: Commit
    package let verdict: SignatureVerdict
}
