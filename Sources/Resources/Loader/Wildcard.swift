/// Shell patterns over the bytes of one name: `*`, `?`, `[a-z]`, `[!a]`, `[[:digit:]]`, and `\` before a literal.
enum Wildcard {
    static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var (pattern, name) = (pattern, name)
        // Where to go on with the last `*` taking one byte more; earlier ones never need to.
        var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.drop { $0 == UInt8(ascii: "*") }
                retry = (pattern, name)
                continue
            }
            if let byte = name.first, let rest = step(pattern, byte) {
                pattern = rest
                name = name.dropFirst()
                continue
            }
            if name.isEmpty, pattern.isEmpty { return true }
            guard let last = retry, !last.name.isEmpty else { return false }
            (pattern, name) = (last.pattern, last.name.dropFirst())
            retry = (pattern, name)
        }
    }

    /// The pattern behind its first element when that takes the byte.
    private static func step(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        guard let first = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "?"): return rest
        case UInt8(ascii: "["): return set(rest, byte)
        case UInt8(ascii: "\\"):
            // A backslash at the end matches nothing.
            return rest.first == byte ? rest.dropFirst() : nil
        default: return first == byte ? rest : nil
        }
    }

    /// A bracket expression behind its `[`; one without an end matches nothing.
    private static func set(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
        var rest = pattern
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest = rest.dropFirst() }
        var isMember = false
        var isFirst = true
        while let next = rest.first {
            if next == UInt8(ascii: "]"), !isFirst { return isMember != isNegated ? rest.dropFirst() : nil }
            isFirst = false
            if rest.starts(with: "[:".utf8), let end = classEnd(rest) {
                let name = String(decoding: rest[(rest.startIndex + 2)..<end], as: UTF8.self)
                if isInClass(name, byte) { isMember = true }
                rest = rest[(end + 2)...]
                continue
            }
            guard let low = literal(&rest) else { return nil }
            var high = low
            if rest.first == UInt8(ascii: "-"), let after = rest.dropFirst().first, after != UInt8(ascii: "]")
            {
                rest = rest.dropFirst()
                guard let end = literal(&rest) else { return nil }
                high = end
            }
            if low <= byte, byte <= high { isMember = true }
        }
        return nil
    }

    private static func literal(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
        if rest.first == UInt8(ascii: "\\") { rest = rest.dropFirst() }
        return rest.popFirst()
    }

    private static func classEnd(_ rest: ArraySlice<UInt8>) -> Int? {
        rest.indices.dropFirst(2).first { rest[$0...].starts(with: ":]".utf8) }
    }

    private static func isInClass(_ name: String, _ byte: UInt8) -> Bool {
        let isLower = (0x61...0x7A).contains(byte)
        let isUpper = (0x41...0x5A).contains(byte)
        let isDigit = (0x30...0x39).contains(byte)
        return switch name {
        case "alpha": isLower || isUpper
        case "digit": isDigit
        case "alnum": isLower || isUpper || isDigit
        case "lower": isLower
        case "upper": isUpper
        case "space": byte == 0x20 || (0x09...0x0D).contains(byte)
        case "blank": byte == 0x20 || byte == 0x09
        case "punct": (0x21...0x7E).contains(byte) && !(isLower || isUpper || isDigit)
        case "print": (0x20...0x7E).contains(byte)
        case "graph": (0x21...0x7E).contains(byte)
        case "cntrl": byte < 0x20 || byte == 0x7F
        case "xdigit": isDigit || (0x61...0x66).contains(byte | 0x20)
        default: false
        }
    }
}
