import Crypto
import HTTPTypes
import Resources

/// The secrets of an endpoint as they are now, the current one first.
struct VerificationSecrets: Sendable {
    let values: [SecretValue]

    /// nil while the current one does not resolve.
    init?(_ names: InboundEndpointSpec.Secrets, in store: SecretStore) {
        guard let current = store.value(names.current) else { return nil }
        values = [current] + [names.previous.flatMap(store.value)].compactMap(\.self)
    }

    init(_ values: [SecretValue]) { self.values = values }
}

/// Headers as a verification reads them: a line that is there twice counts as none.
struct SingleHeaders: Sendable {
    private let fields: HTTPFields

    init(_ fields: HTTPFields) { self.fields = fields }

    subscript(_ name: String) -> String? {
        guard let name = HTTPField.Name(name) else { return nil }
        let values = fields[values: name]
        return values.count == 1 ? values[0] : nil
    }
}

/// Decodes signatures; nil for anything that is not one.
enum SignatureText {
    static func bytes(_ text: some StringProtocol, _ encoding: InboundEndpointSpec.Encoding) -> [UInt8]? {
        switch encoding {
        case .hex: Hex.bytes(text)
        case .base64: Base64.bytes(text)
        }
    }
}

extension Hex {
    /// Either case; nil for an odd number of digits or another character.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x57
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for position in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[position], let low = digits[position + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

/// Base 64 (RFC 4648, section 4).
enum Base64 {
    /// Padding may be absent; white space at the ends is ignored. nil for anything else.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8.drop { $0 <= 0x20 })
        let end = digits.lastIndex { $0 > 0x20 && $0 != UInt8(ascii: "=") } ?? -1
        let padding = digits[(end + 1)...].filter { $0 > 0x20 }
        guard padding.count <= 2, (end + 1) % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var (bits, count): (UInt32, Int) = (0, 0)
        for digit in digits[..<(end + 1)] {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5A: digit - 0x41
        case 0x61...0x7A: digit - 0x61 + 26
        case 0x30...0x39: digit - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
