import Crypto

/// A signature over the body that is checked while the body passes by; a value, so that it is easy to test.
struct BodyVerification: Sendable {
    private enum Scheme: Sendable {
        /// One running HMAC for each key; any of the signatures may fit any of them.
        case hmac([HMAC<SHA256>], [[UInt8]])
        case ecdsa(SHA256, [P256.Signing.PublicKey], P256.Signing.ECDSASignature)
        /// Signs the message itself and not a digest of it, so the message is kept.
        case ed25519([UInt8], [Curve25519.Signing.PublicKey], [[UInt8]])
    }

    private var schemes: [Scheme]

    /// - Parameter prefix: what is signed in front of the body.
    init(keys: [SymmetricKey], signatures: [[UInt8]], prefix: [UInt8] = []) {
        schemes = [.hmac(keys.map { HMAC<SHA256>(key: $0) }, signatures)]
        update(prefix)
    }

    init(publicKeys: [P256.Signing.PublicKey], signature: P256.Signing.ECDSASignature, prefix: [UInt8]) {
        schemes = [.ecdsa(SHA256(), publicKeys, signature)]
        update(prefix)
    }

    /// Either of two schemes may fit.
    init(
        keys: [SymmetricKey], signatures: [[UInt8]], publicKeys: [Curve25519.Signing.PublicKey],
        publicSignatures: [[UInt8]], prefix: [UInt8]
    ) {
        schemes = [.hmac(keys.map { HMAC<SHA256>(key: $0) }, signatures)]
        if !publicKeys.isEmpty, !publicSignatures.isEmpty {
            schemes.append(.ed25519([], publicKeys, publicSignatures))
        }
        update(prefix)
    }

    private mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        for position in schemes.indices {
            switch schemes[position] {
            case .hmac(var codes, let signatures):
                for index in codes.indices { codes[index].update(data: bytes) }
                schemes[position] = .hmac(codes, signatures)
            case .ecdsa(var hash, let keys, let signature):
                hash.update(bufferPointer: bytes)
                schemes[position] = .ecdsa(hash, keys, signature)
            case .ed25519(let message, let keys, let signatures):
                schemes[position] = .ed25519(message + bytes, keys, signatures)
            }
        }
    }

    /// Whether one of the signatures fits the whole body, in constant time with respect to the digests.
    var isValid: Bool {
        schemes.contains { scheme in
            switch scheme {
            case .hmac(let codes, let signatures):
                let digests = codes.map { SecretValue(Array($0.finalize())) }
                let presented = signatures.filter { $0.count == SHA256.byteCount }.map { SecretValue($0) }
                return !digests.filter { digest in !presented.filter(digest.matches).isEmpty }.isEmpty
            case .ecdsa(let hash, let keys, let signature):
                let digest = hash.finalize()
                return keys.contains { $0.isValidSignature(signature, for: digest) }
            case .ed25519(let message, let keys, let signatures):
                return keys.contains { key in
                    signatures.contains { key.isValidSignature($0, for: message) }
                }
            }
        }
    }
}
