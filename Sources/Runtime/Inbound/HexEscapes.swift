/// Bytes that are written as an escape sign and two hexadecimal digits: in forms (RFC 3986) and in mails (RFC 2047).
enum HexEscapes {
    /// One sign stands for a space; an escape sign without two digits stands for itself.
    static func decode(_ bytes: some Collection<UInt8>, escape: UInt8, space: UInt8) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == escape, let value = Hex.bytes(digits), value.count == 1 {
                decoded += value
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == space ? 0x20 : byte)
            }
        }
        return decoded
    }
}
