/// A file with a private SSH key, as far as its outside tells: libssh2 reads it itself.
struct SSHPrivateKeyFile {
    let path: String
    let isRSA: Bool

    /// - Throws: `invalidCredential` for a file that is not a private key, or one that needs a passphrase.
    init(_ path: String) throws(GitError) {
        let text = String(decoding: try SmallFile.read(path, what: "SSH key file"), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline).map {
            $0.filter { !$0.isWhitespace || $0 == " " }
        }
        guard let first = lines.first, first.hasPrefix("-----BEGIN "), first.hasSuffix("PRIVATE KEY-----")
        else {
            throw GitError(
                .invalidCredential, "the SSH key file `\(path)` does not hold a private key",
                hint: text.hasPrefix("ssh-") ? "that is the public key; give the file without .pub" : nil)
        }
        self.path = path
        let isEncrypted: Bool
        if first.contains("OPENSSH") {
            let body = lines.dropFirst().prefix { !$0.hasPrefix("-") }.joined()
            guard let outside = Base64.decode(body.utf8).flatMap(Self.outside) else {
                throw GitError(.invalidCredential, "the SSH key file `\(path)` is damaged")
            }
            isRSA = outside.type == "ssh-rsa"
            isEncrypted = outside.cipher != "none"
        } else {
            isRSA = first.contains("RSA")
            isEncrypted = lines.prefix(2).contains { $0.contains("ENCRYPTED") }
        }
        guard !isEncrypted else {
            throw GitError(
                .invalidCredential, "the SSH key file `\(path)` is protected by a passphrase",
                hint:
                    "use a deploy key without one (`ssh-keygen -t ed25519 -N ''`), readable only by this user"
            )
        }
    }

    /// What OpenSSH's PROTOCOL.key stores in clear text.
    private static func outside(_ bytes: [UInt8]) -> (cipher: String, type: String)? {
        var reader = SSHWireReader(bytes)
        guard reader.bytes(15) == Array("openssh-key-v1\0".utf8), let cipher = reader.text(),
            reader.string() != nil, reader.string() != nil, reader.uint32() == 1, let key = reader.string()
        else { return nil }
        var keyReader = SSHWireReader(key)
        return keyReader.text().map { (cipher, $0) }
    }
}
