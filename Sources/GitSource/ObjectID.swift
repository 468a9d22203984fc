import CLibGit2

/// The SHA-1 name of a git object.
package struct ObjectID: Sendable, Hashable {
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    init(_ id: git_oid) {
        (high, middle, low) = withUnsafeBytes(of: id) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            )
        }
    }

    /// nil unless `hex` is 40 hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == 40 else { return nil }
        var id = git_oid()
        guard git_oid_fromstr(&id, hex) == 0 else { return nil }
        self.init(id)
    }

    /// The value for libgit2.
    var raw: git_oid {
        var id = git_oid()
        withUnsafeMutableBytes(of: &id) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: middle.bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
        return id
    }

    /// 40 lowercase hexadecimal digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 40) { digits in
            withUnsafeBytes(of: raw) { bytes in
                for (position, byte) in bytes.enumerated() {
                    digits[2 * position] = Self.digits[Int(byte >> 4)]
                    digits[2 * position + 1] = Self.digits[Int(byte & 15)]
                }
            }
            return 40
        }
    }

    /// The first seven digits, for people.
    package var short: String { String(hex.prefix(7)) }

    private static let digits = Array("0123456789abcdef".utf8)
}

extension ObjectID: CustomStringConvertible {
    package var description: String { hex }
}
