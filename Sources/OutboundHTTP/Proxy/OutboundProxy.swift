import NIOCore

/// A forward proxy for all requests: it resolves names and is trusted to guard addresses in our place.
package struct OutboundProxy: Sendable {
    let host: TargetHost
    let port: Int
    /// `Proxy-Authorization: …` with its line end; empty without credentials.
    private let authorization: ByteBuffer

    /// Reads `http://[user:password@]host[:port]`.
    ///
    /// - Throws: `OutboundError`, which never holds the credentials.
    package init(_ url: String) throws {
        do {
            let parts = try URLParts(url, allowingUserinfo: true)
            guard parts.scheme == .http, try parts.pathAndQuery == "/" else {
                throw OutboundError(.proxy, "a proxy must be given as `http://HOST:PORT`")
            }
            host = try TargetHost(parsing: parts.host)
            port = try parts.port ?? parts.scheme.defaultPort
            authorization = try parts.userinfo.map(Self.authorization) ?? ByteBuffer()
        } catch let error as OutboundError {
            throw OutboundError(.proxy, error.description)
        }
    }

    /// The request for a tunnel to a target (RFC 9110, section 9.3.6).
    func connectRequest(to authority: String) -> ByteBuffer {
        var request = ByteBuffer(string: "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n")
        request.writeImmutableBuffer(authorization)
        request.writeStaticString("\r\n")
        return request
    }

    /// A plain request as the proxy wants it: with the whole URL, and our credentials (RFC 9112, section
    /// 3.2.2).
    func forwarded(_ request: OutboundRequest) -> ByteBuffer {
        var bytes = request.bytes
        bytes.moveReaderIndex(forwardBy: request.requestLineLength + 2)
        let target = request.target
        var whole = ByteBuffer(
            string: "\(request.method.name) \(target.origin)\(target.pathAndQuery) HTTP/1.1\r\n")
        whole.writeImmutableBuffer(authorization)
        whole.writeImmutableBuffer(bytes)
        return whole
    }

    /// Basic credentials (RFC 7617) from percent-encoded userinfo.
    private static func authorization(_ userinfo: Substring) throws -> ByteBuffer {
        guard let credentials = percentDecoded(userinfo.utf8),
            credentials.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else {
            throw OutboundError(.proxy, "the user name or password of the proxy is not percent-encoded")
        }
        return ByteBuffer(string: "Proxy-Authorization: Basic \(base64(credentials))\r\n")
    }

    private static func percentDecoded(_ bytes: Substring.UTF8View) -> [UInt8]? {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16)
            else { return nil }
            decoded.append(value)
            rest = rest.dropFirst(2)
        }
        return decoded
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
            text += String(repeating: "=", count: 3 - group.count)
        }
        return text
    }
}
