import Crypto

/// An SSH signature (OpenSSH's PROTOCOL.sshsig), as `git commit -S` writes it with `gpg.format = ssh`.
struct SSHSignature {
    static let header = "-----BEGIN SSH SIGNATURE-----"
    private static let footer = "-----END SSH SIGNATURE-----"
    private static let preamble = Array("SSHSIG".utf8)

    /// In wire format.
    let publicKey: [UInt8]
    let namespace: String
    private let hash: String
    private let signature: [UInt8]

    /// nil for anything that is not a signature of version 1.
    init?(armored text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first == Self.header[...], let end = lines.firstIndex(of: Self.footer[...]),
            let blob = Base64.decode(lines[1..<end].joined().utf8)
        else { return nil }
        var reader = SSHWireReader(blob)
        guard reader.bytes(6) == Self.preamble, reader.uint32() == 1, let publicKey = reader.string(),
            let namespace = reader.text(), reader.string() != nil, let hash = reader.text(),
            let signature = reader.string(), reader.isAtEnd
        else { return nil }
        self.publicKey = publicKey
        self.namespace = namespace
        self.hash = hash
        self.signature = signature
    }

    /// True when `key` has signed `message` for this namespace.
    func isValid(for message: [UInt8], by key: SSHPublicKey) -> Bool {
        let digest: [UInt8]
        switch hash {
        case "sha256": digest = Array(SHA256.hash(data: message))
        case "sha512": digest = Array(SHA512.hash(data: message))
        default: return false
        }
        let signed = [Array(namespace.utf8), [], Array(hash.utf8), digest].map(Self.string).reduce(
            Self.preamble, +)
        return key.isValid(signature, for: signed)
    }

    /// A length and the bytes.
    private static func string(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
    }
}
