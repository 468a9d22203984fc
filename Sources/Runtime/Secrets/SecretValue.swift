import Crypto

/// The value of a secret. It exists in memory only; printing it prints `<redacted>`.
package struct SecretValue: Sendable {
    private let bytes: [UInt8]
    private let digest: SHA256Digest
    /// Begun with the value as the key; nil where nothing is signed with it.
    private var code: HMAC<SHA256>?

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        digest = SHA256.hash(data: bytes)
    }

    /// The one way to the value; the caller must not store, log or return it.
    package func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result { try body(bytes) }

    /// The same value, which has the key of its signatures ready.
    package func readyToSign() -> SecretValue {
        var ready = self
        ready.code = HMAC<SHA256>(key: SymmetricKey(data: bytes))
        return ready
    }

    /// A code (RFC 2104) that has seen nothing but the key.
    func authenticationCode() -> HMAC<SHA256> { code ?? HMAC<SHA256>(key: SymmetricKey(data: bytes)) }

    /// Compares in constant time with respect to the contents.
    package func matches(_ other: SecretValue) -> Bool { digest == other.digest }

    /// A keyed name for the value: tells whether it changed, not what it is.
    package func fingerprint(key: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("fingerprint:".utf8) + bytes, using: SymmetricKey(data: key))
        return Hex.lowercase(Array(code)[..<8])
    }
}

extension SecretValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
