/// The character classes of RFC 9110, section 5.
enum HTTPSyntax {
    /// Whether a byte may stand in a field name or method.
    @inline(__always)
    static func isTokenByte(_ byte: UInt8) -> Bool {
        let bits = byte < 64 ? tokensBelow64 : tokensFrom64
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }

    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isTokenByte)
    }

    /// Whether a byte may stand in a field value: visible, space, tab, or beyond ASCII.
    @inline(__always)
    static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

    /// Whether all bytes may stand in a field value. It looks at every one, without branches, so that the compiler makes it
    /// look at 16 at a time.
    static func isValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var others: UInt8 = 0
        for index in bytes.indices {
            let byte = bytes[index]
            others |= (byte < 0x20 ? 1 : 0) & (byte != 0x09 ? 1 : 0) | (byte == 0x7f ? 1 : 0)
        }
        return others == 0
    }

    /// One bit for each byte: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110, section 5.6.2).
    @inline(__always) private static var tokensBelow64: UInt64 { 0x03ff_6cfa_0000_0000 }
    @inline(__always) private static var tokensFrom64: UInt64 { 0x57ff_ffff_c7ff_fffe }
}
