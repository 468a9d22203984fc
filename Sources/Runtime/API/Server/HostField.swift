import OutboundHTTP

/// The form of a `Host` field: `uri-host [ ":" port ]` (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
enum HostField {
    static func isValid(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = String(decoding: bytes[bytes.startIndex..<end].dropFirst(), as: UTF8.self)
            return address.contains(":") && IPAddress(address) != nil
                && isPort(bytes[bytes.index(after: end)...])
        }
        var rest = bytes[...]
        while let byte = rest.first, byte != UInt8(ascii: ":") {
            switch byte {
            case UInt8(ascii: "%"):
                let digits = rest.dropFirst().prefix(2)
                guard digits.count == 2, digits.allSatisfy(isHexDigit) else { return false }
            default:
                guard isNameByte(byte) else { return false }
            }
            rest = rest.dropFirst()
        }
        return isPort(rest)
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        return first == UInt8(ascii: ":") && bytes.count <= 6
            && bytes.dropFirst().allSatisfy { 0x30...0x39 ~= $0 }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        case UInt8(ascii: "!"), UInt8(ascii: "$"), 0x26...0x2C, UInt8(ascii: ";"), UInt8(ascii: "="): true
        default: false
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
