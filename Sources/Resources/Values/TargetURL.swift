/// An absolute `http` or `https` URL, as far as a configuration can be checked without a network.
package struct TargetURL: Sendable, Hashable {
    package let text: String
    package let isSecure: Bool
    /// Lower case, without the brackets of an IPv6 address.
    package let host: String

    /// Why a text is not a URL that requests can go to.
    package struct Problem: Error, Equatable {
        package let message: String
        package let hint: String?
    }

    package init(_ text: String) throws(Problem) {
        // Bytes, because a repository holds thousands of them and characters cost ten times as much.
        let lower = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard let scheme = ["https://", "http://"].first(where: { lower.starts(with: $0.utf8) }) else {
            throw Problem(message: "must begin with `https://` or `http://`", hint: nil)
        }
        guard lower.allSatisfy(Self.isAllowed) else {
            throw Problem(message: "holds a character that a URL cannot have", hint: "percent-encode it")
        }
        guard !lower.contains(UInt8(ascii: "#")) else {
            throw Problem(message: "must not have a fragment", hint: "remove what follows `#`")
        }
        let authority = lower.dropFirst(scheme.utf8.count).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
        }
        guard !authority.contains(UInt8(ascii: "@")) else {
            throw Problem(
                message: "must not hold credentials",
                hint: "put them into a header from a secret, or take the whole URL from a secret")
        }
        host = try Self.host(authority)
        try Self.checkEscapes(lower[authority.endIndex...])
        isSecure = scheme == "https://"
        self.text = text
    }

    /// Printable ASCII without the characters that RFC 3986 never allows.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
            UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    /// RFC 3986, section 2.1.
    private static func checkEscapes(_ rest: ArraySlice<UInt8>) throws(Problem) {
        var rest = rest
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[percent...].dropFirst().prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexDigit) else {
                throw Problem(
                    message: "has a `%` without two hexadecimal digits", hint: "write `%25` for `%`")
            }
            rest = rest[digits.endIndex...]
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func host(_ authority: ArraySlice<UInt8>) throws(Problem) -> String {
        let host: ArraySlice<UInt8>
        let port: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "["), let end = authority.firstIndex(of: UInt8(ascii: "]")) {
            host = authority[..<end].dropFirst()
            port = authority[(end + 1)...]
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            port = authority.dropFirst(host.count)
        }
        let isValid = host.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"),
                UInt8(ascii: "%"):
                true
            default: false
            }
        }
        guard !host.isEmpty, isValid, host.count <= 253 else {
            throw Problem(message: "has no valid host", hint: nil)
        }
        guard port.isEmpty || isPort(port) else {
            throw Problem(message: "has no valid port", hint: nil)
        }
        try authority.first == UInt8(ascii: "[") ? checkIPv6(host) : checkName(host)
        return String(decoding: host, as: UTF8.self)
    }

    /// A name as requests can go to it. No spelling of an address is left to a resolver's guesses: what ends in a
    /// number (`2130706433`, `0x7f.1`, `127.1`) has to be four decimal numbers.
    private static func checkName(_ host: ArraySlice<UInt8>) throws(Problem) {
        var labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isAbsolute = labels.count > 1 && labels.last?.isEmpty == true
        if isAbsolute { labels.removeLast() }
        if let last = labels.last, isNumber(last) {
            guard !isAbsolute, labels.count == 4, labels.allSatisfy(isOctet) else {
                throw Problem(
                    message: "has no valid IPv4 address",
                    hint: "write four decimal numbers without leading zeros")
            }
            return
        }
        let hyphen = UInt8(ascii: "-")
        let isValid = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && !label.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: ":") }
        }
        guard isValid else { throw Problem(message: "has no valid host", hint: nil) }
    }

    /// Whether a resolver might take the last label for a number.
    private static func isNumber(_ label: ArraySlice<UInt8>) -> Bool {
        if label.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        return label.starts(with: "0x".utf8) && label.dropFirst(2).allSatisfy(isHexDigit)
    }

    private static func isOctet(_ label: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: label, as: UTF8.self)
        return UInt8(text).map { String($0) == text } ?? false
    }

    /// An IPv6 address (RFC 4291, section 2.2), as far as its form goes; a zone is of this machine only.
    private static func checkIPv6(_ host: ArraySlice<UInt8>) throws(Problem) {
        guard !host.contains(UInt8(ascii: "%")) else {
            throw Problem(message: "must not have an IPv6 zone", hint: "remove what follows `%`")
        }
        var groups = host.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = groups.count
        if let last = groups.last, last.contains(UInt8(ascii: ".")) {
            let octets = last.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard octets.count == 4, octets.allSatisfy(isOctet) else {
                throw Problem(message: "has no valid IPv6 address", hint: nil)
            }
            groups.removeLast()
            count += 1
        }
        let gaps = zip(host, host.dropFirst()).count { $0 == UInt8(ascii: ":") && $1 == UInt8(ascii: ":") }
        let isValid = groups.allSatisfy { group in
            group.count <= 4 && group.allSatisfy(isHexDigit)
        }
        let empty = groups.count { $0.isEmpty }
        // A gap is one empty group, at an end two; it stands for at least one.
        let isAtEnd = host.starts(with: "::".utf8) || host.reversed().starts(with: "::".utf8)
        let hasShape =
            gaps == 0
            ? count == 8 && empty == 0
            : gaps == 1 && empty == (host.count == 2 ? 3 : isAtEnd ? 2 : 1) && count - empty <= 7
        guard isValid, hasShape else { throw Problem(message: "has no valid IPv6 address", hint: nil) }
    }

    /// A colon and a number.
    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: ":") else { return false }
        return Int(String(decoding: text.dropFirst(), as: UTF8.self)).map((1...65_535).contains) == true
    }

    /// What the running process will refuse unless it is told otherwise; a hint for people, not the guard itself, which
    /// looks at addresses when it connects.
    package var policyWarning: (message: String, hint: String)? {
        if isPrivateHost {
            return (
                "`\(host)` is not a public address",
                "the sidecar refuses it unless `--allow-network` opens its range"
            )
        }
        if !isSecure {
            return ("plain `http:` is not encrypted", "the sidecar refuses it unless `--allow-http` is given")
        }
        return nil
    }

    private var isPrivateHost: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        let isAddress = host.utf8.first.map { (0x30...0x39).contains($0) } ?? false
        let parts =
            isAddress ? host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) } : []
        if parts.count == 4, let first = parts[0], let second = parts[1], parts[2] != nil, parts[3] != nil {
            return switch (first, second) {
            case (0, _), (10, _), (127, _), (169, 254), (192, 168), (224..., _): true
            case (100, 64...127), (172, 16...31), (198, 18...19): true
            default: false
            }
        }
        guard host.contains(":") else { return false }
        return host == "::1" || host == "::"
            || ["fc", "fd", "fe8", "fe9", "fea", "feb", "ff", "::ffff:"].contains { host.hasPrefix($0) }
    }
}
