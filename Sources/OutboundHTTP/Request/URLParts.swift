/// The pieces of an absolute URL, cut by RFC 3986 and checked for bytes that have no business in a request
/// line.
struct URLParts {
    let scheme: OutboundTarget.Scheme
    let userinfo: Substring?
    let host: Substring
    private let portText: Substring?
    private let rest: Substring

    /// - Throws: `OutboundError`, also for userinfo unless `allowingUserinfo`.
    init(_ url: String, allowingUserinfo: Bool = false) throws {
        guard let colon = url.firstIndex(of: ":"),
            let scheme = OutboundTarget.Scheme(rawValue: url[..<colon].lowercased()),
            url[colon...].hasPrefix("://")
        else { throw OutboundError(.url, "a URL must begin with `https://` or `http://`") }
        let afterScheme = url[url.index(colon, offsetBy: 3)...]
        let authority = afterScheme.prefix { !"/?#\\".contains($0) }
        self.scheme = scheme
        rest = afterScheme[authority.endIndex...]
        let at = authority.lastIndex(of: "@")
        userinfo = at.map { authority[..<$0] }
        if at != nil, !allowingUserinfo {
            throw OutboundError(.url, "a URL must not hold a user name or password")
        }
        (host, portText) = Self.split(at.map { authority[authority.index(after: $0)...] } ?? authority)
        if host.isEmpty { throw OutboundError(.url, "a URL needs a host") }
    }

    /// `nil` when there is none, or nothing after the colon.
    var port: Int? {
        get throws {
            guard let portText, !portText.isEmpty else { return nil }
            guard portText.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let port = Int(portText), (1...65535).contains(port)
            else {
                throw OutboundError(
                    .url, "`\(portText)` is not a port", discreet: "the port is not a number up to 65535")
            }
            return port
        }
    }

    var pathAndQuery: String {
        get throws {
            let sent = rest.prefix { $0 != "#" }
            try Self.check(sent.utf8)
            return sent.first == "/" ? String(sent) : "/" + sent
        }
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        let start =
            authority.first == "["
            ? authority.firstIndex(of: "]") ?? authority.startIndex : authority.startIndex
        guard let colon = authority[start...].firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    /// Printable ASCII without the delimiters that RFC 3986 keeps out of URLs, and whole percent-encodings.
    private static func check(_ bytes: Substring.UTF8View) throws {
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"<>\\^`{}".utf8.contains($0) }) else {
            throw OutboundError(
                .url, "a URL's path and query must be ASCII without spaces: percent-encode them")
        }
        var rest = bytes[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[percent...].dropFirst().prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
                throw OutboundError(.url, "a `%` in a URL must be followed by two hexadecimal digits")
            }
            rest = rest[digits.endIndex...]
        }
    }
}
