import Crypto

/// A key of HMAC-SHA256 (RFC 2104), prepared as its section 4 says: what the hash makes of the key is kept, so that a code
/// costs no more than its message.
///
/// `HMAC` of swift-crypto, which this comes to the same as, is generic over the hash and over the data, and looks both up
/// at run time for every code.
struct SigningKey: Sendable {
    private let inner: SHA256
    private let outer: SHA256

    init(_ key: [UInt8]) {
        var block = key.count > SHA256.blockByteCount ? Array(SHA256.hash(data: key)) : key
        block += repeatElement(0, count: SHA256.blockByteCount - block.count)
        func hash(_ padding: UInt8) -> SHA256 {
            var hash = SHA256()
            hash.update(data: block.map { $0 ^ padding })
            return hash
        }
        inner = hash(0x36)
        outer = hash(0x5c)
    }

    func code(of message: UnsafeRawBufferPointer) -> SHA256Digest {
        var (inner, outer) = (inner, outer)
        inner.update(bufferPointer: message)
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize()
    }
}
