internal import Crypto

/// SHA-256 of a resource's canonical form, as 64 lower-case hexadecimal digits.
package struct ResourceDigest: Sendable, Hashable, CustomStringConvertible {
    package let hex: String

    /// The digest of a canonical text's UTF-8.
    package init(of canonical: String) {
        var text = canonical
        self = text.withUTF8 { ResourceDigest(of: UnsafeRawBufferPointer($0)) }
    }

    /// The digest of bytes.
    package init(of bytes: [UInt8]) { self = bytes.withUnsafeBytes { ResourceDigest(of: $0) } }

    private init(of bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        let digest = hash.finalize()
        hex = String(unsafeUninitializedCapacity: 64) { output in
            var position = 0
            for byte in digest {
                output[position] = Self.digits[Int(byte >> 4)]
                output[position + 1] = Self.digits[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    /// nil unless the text is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.digits.contains) else { return nil }
        self.hex = hex
    }

    package var description: String { hex }

    private static let digits = Array("0123456789abcdef".utf8)
}
