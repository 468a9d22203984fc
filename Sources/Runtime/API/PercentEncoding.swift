/// Percent-encoding in paths (RFC 3986, section 2.1).
enum PercentEncoding {
    /// nil when a `%` stands without two hexadecimal digits, or the text is not UTF-8.
    static func decoded(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A target as it is compared with others: without escapes of characters that need none in its path (RFC 3986, section
    /// 6.2.2.2).
    ///
    /// Escapes of delimiters stay, so that a `%2F` splits nothing, and so does all of a path with a `%` that is no escape.
    static func normalized(target: String) -> String {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard path.contains(UInt8(ascii: "%")) else { return target }
        var bytes: [UInt8] = []
        var rest = path
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let escape = rest.prefix(2)
            rest = rest.dropFirst(2)
            guard escape.count == 2, let high = escape.first.flatMap(digit),
                let low = escape.last.flatMap(digit)
            else { return target }
            let character = high << 4 | low
            if isUnreserved(character) { bytes.append(character) } else { bytes += [byte] + escape }
        }
        return String(decoding: bytes, as: UTF8.self) + target[path.endIndex...]
    }

    /// Section 2.3.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
