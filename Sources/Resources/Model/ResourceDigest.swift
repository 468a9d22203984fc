internal import Crypto

/// SHA-256 of a resource's canonical form, as 64 lower-case hexadecimal digits.
package struct ResourceDigest: Sendable, Hashable, CustomStringConvertible {
    package let hex: String

    /// The digest of a canonical text's UTF-8.
    package init(of canonical: String) {
        var hash = SHA256()
        var text = canonical
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        hex = String(unsafeUninitializedCapacity: 64) { output in
            var position = 0
            for byte in hash.finalize() {
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
