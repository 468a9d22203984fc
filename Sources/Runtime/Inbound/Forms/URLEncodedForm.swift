/// `application/x-www-form-urlencoded` (WHATWG URL, section 5.1), as bytes: their charset is another matter.
enum URLEncodedForm {
    /// Names and values in their order.
    static func fields(_ bytes: UnsafeBufferPointer<UInt8>) -> [(name: [UInt8], value: [UInt8])] {
        bytes.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            return (decode(pair[..<equals]), decode(pair[equals...].dropFirst()))
        }
    }

    /// `+` is a space; a percent sign without two digits stands for itself.
    static func decode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), let value = Hex.bytes(digits), value.count == 1 {
                decoded += value
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return decoded
    }
}
