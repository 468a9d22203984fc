import Crypto

/// The value of a secret. It exists in memory only; printing it prints `<redacted>`.
package struct SecretValue: Sendable {
    /// One reference, because values are passed on for every request.
    private final class Storage: Sendable {
        let bytes: [UInt8]
        let digest: SHA256Digest
        /// nil where nothing is signed with it.
        let key: SigningKey?

        init(_ bytes: [UInt8], digest: SHA256Digest, key: SigningKey? = nil) {
            self.bytes = bytes
            self.digest = digest
            self.key = key
        }
    }

    private let storage: Storage

    package init(_ bytes: [UInt8]) { storage = Storage(bytes, digest: SHA256.hash(data: bytes)) }

    private init(_ storage: Storage) { self.storage = storage }

    /// The one way to the value; the caller must not store, log or return it.
    package func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        try body(storage.bytes)
    }

    /// The same value, which has the key of its signatures ready.
    package func readyToSign() -> SecretValue {
        SecretValue(Storage(storage.bytes, digest: storage.digest, key: SigningKey(storage.bytes)))
    }

    /// The key of its signatures.
    var signingKey: SigningKey { storage.key ?? SigningKey(storage.bytes) }

    /// Compares in constant time with respect to the contents.
    package func matches(_ other: SecretValue) -> Bool {
        storage.digest == other.storage.digest
    }

    /// A keyed name for the value: tells whether it changed, not what it is.
    package func fingerprint(key: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("fingerprint:".utf8) + storage.bytes, using: SymmetricKey(data: key))
        return Hex.lowercase(Array(code)[..<8])
    }
}

extension SecretValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
