/// Checks the signatures of commits against those who may sign.
struct SignatureCheck {
    private static let namespace = "git"

    private let allowed: AllowedSigners
    private let openPGP: OpenPGPCheck

    init(_ allowed: AllowedSigners, openPGP: OpenPGPCheck) {
        self.allowed = allowed
        self.openPGP = openPGP
    }

    func verdict(on commit: Commit, in repository: borrowing Repository) throws -> SignatureVerdict {
        guard let signed = try repository.signature(of: commit.id) else {
            return .refused(reason: "it is not signed")
        }
        if signed.signature.hasPrefix(SSHSignature.header) { return verdict(on: signed, of: commit) }
        if signed.signature.hasPrefix("-----BEGIN PGP ") {
            return try openPGP.verdict(on: signed, keyring: allowed.keyring)
        }
        return .refused(reason: "its signature is neither SSH nor OpenPGP")
    }

    private func verdict(on signed: SignedText, of commit: Commit) -> SignatureVerdict {
        guard let signature = SSHSignature(armored: signed.signature),
            let key = SSHPublicKey(signature.publicKey)
        else {
            return .refused(reason: "its SSH signature is damaged")
        }
        guard signature.namespace == Self.namespace else {
            return .refused(reason: "its signature was made for another purpose than git")
        }
        let signers = allowed.signers(with: signature.publicKey)
        guard !signers.isEmpty else {
            return .refused(reason: "its \(key.type.printable) key is not an allowed signer's")
        }
        guard key.isSupported else {
            return .refused(reason: "\(key.type.printable) keys are not supported: use Ed25519 or ECDSA")
        }
        // As git does: a key may have been valid when the commit was made.
        let objections = signers.map {
            $0.objection(namespace: Self.namespace, time: commit.committedAt / 1000)
        }
        guard let position = objections.firstIndex(of: nil) else {
            return .refused(reason: objections.compactMap { $0 }.joined(separator: "; "))
        }
        guard signature.isValid(for: signed.text, by: key) else {
            return .refused(reason: "its signature is wrong")
        }
        return .good(signer: signers[position].principals)
    }
}
