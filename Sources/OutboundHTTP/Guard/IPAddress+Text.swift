extension IPAddress: CustomStringConvertible {
    /// Reads the one canonical spelling of IPv4 (four decimal numbers without leading zeros) or any spelling
    /// of IPv6 that RFC 4291, section 2.2 allows, without brackets. Nothing is guessed: octal, hexadecimal
    /// and short IPv4 forms and zone ids are `nil`.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let bits = Self.v6(bytes) else { return nil }
            self = .v6(bits)
        } else {
            guard let bits = Self.v4(bytes[...]) else { return nil }
            self = .v4(bits)
        }
    }

    /// The canonical text: dotted decimal, or RFC 5952.
    package var description: String {
        switch self {
        case .v4(let bits): Self.text(bits)
        case .v6(let bits) where bits >> 32 == 0xffff: "::ffff:" + Self.text(UInt32(truncatingIfNeeded: bits))
        case .v6(let bits): Self.text(bits)
        }
    }
}

// MARK: - Reading

extension IPAddress {
    private static func v4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard let octet = octet(part) else { return nil }
            bits = bits << 8 | octet
        }
        return bits
    }

    private static func octet(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard (1...3).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt32 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
        }
        return value <= 255 ? value : nil
    }

    private static func v6(_ bytes: [UInt8]) -> UInt128? {
        guard let gap = firstGap(in: bytes) else {
            return groups(bytes[...]).flatMap { $0.count == 8 ? joined($0) : nil }
        }
        guard let before = groups(bytes[..<gap], mayEndInIPv4: false),
            let after = groups(bytes[(gap + 2)...]),
            before.count + after.count <= 7
        else { return nil }
        return joined(before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
    }

    private static func firstGap(in bytes: [UInt8]) -> Int? {
        bytes.indices.dropLast().first {
            bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":")
        }
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    /// The 16-bit groups of a part without `::`; the last may be a dotted IPv4 address, which makes two.
    private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if bytes.isEmpty { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let bits = v4(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            } else {
                guard let group = hexadecimal(part) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            guard let nibble = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(nibble)
        }
        return value
    }
}

// MARK: - Writing

extension IPAddress {
    private static func text(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
    }

    private static func text(_ bits: UInt128) -> String {
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * UInt128($0))) }
        let texts = groups.map { String($0, radix: 16) }
        guard let zeros = longestZeroRun(in: groups) else { return texts.joined(separator: ":") }
        return texts[..<zeros.lowerBound].joined(separator: ":") + "::"
            + texts[zeros.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of two or more zero groups (RFC 5952, section 4.2).
    private static func longestZeroRun(in groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}
