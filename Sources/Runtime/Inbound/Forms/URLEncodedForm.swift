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
        HexEscapes.decode(bytes, escape: UInt8(ascii: "%"), space: UInt8(ascii: "+"))
    }
}
