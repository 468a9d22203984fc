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
        return String(decoding: host, as: UTF8.self)
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
