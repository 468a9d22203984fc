import Crypto

/// A public key in SSH's wire format (RFC 4253 section 6.6, RFC 5656, RFC 8709), as far as it can check
/// signatures here.
struct SSHPublicKey {
    /// For example `ssh-ed25519`.
    let type: String
    private let material: Material

    private enum Material {
        case ed25519(Curve25519.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case unsupported
    }

    /// nil for what is not a key; a key of a kind that is not supported is one.
    init?(_ wire: [UInt8]) {
        var reader = SSHWireReader(wire)
        guard let type = reader.text() else { return nil }
        self.type = type
        // Refused below: whatever the library says is wrong with the key, it is not one.
        guard let material = try? Self.material(type, &reader) else { return nil }
        self.material = material
    }

    var isSupported: Bool {
        if case .unsupported = material { false } else { true }
    }

    /// Checks a signature blob: its algorithm, then the numbers.
    func isValid(_ signature: [UInt8], for data: [UInt8]) -> Bool {
        var reader = SSHWireReader(signature)
        guard reader.text() == type, let value = reader.string(), reader.isAtEnd else { return false }
        switch material {
        case .ed25519(let key): return key.isValidSignature(value, for: data)
        case .p256(let key):
            let signature = Self.raw(value, width: 32).flatMap {
                try? P256.Signing.ECDSASignature(rawRepresentation: $0)
            }
            return signature.map { key.isValidSignature($0, for: data) } ?? false
        case .p384(let key):
            let signature = Self.raw(value, width: 48).flatMap {
                try? P384.Signing.ECDSASignature(rawRepresentation: $0)
            }
            return signature.map { key.isValidSignature($0, for: data) } ?? false
        case .p521(let key):
            let signature = Self.raw(value, width: 66).flatMap {
                try? P521.Signing.ECDSASignature(rawRepresentation: $0)
            }
            return signature.map { key.isValidSignature($0, for: data) } ?? false
        case .unsupported: return false
        }
    }

    private static func material(_ type: String, _ reader: inout SSHWireReader) throws -> Material? {
        switch type {
        case "ssh-ed25519":
            guard let key = reader.string(), reader.isAtEnd else { return nil }
            return .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: key))
        case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521":
            guard let curve = reader.text(), type.hasSuffix(curve), let point = reader.string(),
                reader.isAtEnd
            else { return nil }
            return switch curve {
            case "nistp256": .p256(try P256.Signing.PublicKey(x963Representation: point))
            case "nistp384": .p384(try P384.Signing.PublicKey(x963Representation: point))
            default: .p521(try P521.Signing.PublicKey(x963Representation: point))
            }
        default: return .unsupported
        }
    }

    /// The two integers of an ECDSA signature as bytes of the curve's width.
    private static func raw(_ value: [UInt8], width: Int) -> [UInt8]? {
        var reader = SSHWireReader(value)
        guard let r = reader.string(), let s = reader.string(), reader.isAtEnd else { return nil }
        var raw: [UInt8] = []
        for integer in [r, s] {
            let digits = integer.drop { $0 == 0 }
            guard digits.count <= width else { return nil }
            raw += [UInt8](repeating: 0, count: width - digits.count) + digits
        }
        return raw
    }
}
