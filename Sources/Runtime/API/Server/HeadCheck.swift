import HTTPTypes
import NIOHTTP1

/// What a head has to say before a request is looked at, beyond what the parser asks for (RFC 9112).
struct HeadCheck {
    private(set) var hosts = 0
    /// The parser leaves the white space behind a value.
    private var trimmedHost: String?
    private(set) var hasLength = false
    private(set) var transferCodings: String?
    private(set) var asksForProtocol = false

    /// Refuses a head, or leaves it as the rest of the server expects it: with the host that the target names, and a path
    /// that is compared byte by byte.
    ///
    /// - Throws: `Problem`.
    static func check(_ head: inout HTTPRequestHead) throws(Problem) -> HeadCheck {
        var check = HeadCheck()
        for (name, value) in head.headers { try check.look(name, value) }
        try check.checkHost(head.version)
        try check.checkFraming(head.version)
        try check.checkTarget(&head)
        return check
    }

    private mutating func look(_ name: String, _ value: String) throws(Problem) {
        switch name.utf8.count {
        case 4 where name.lowercased() == "host":
            hosts += 1
            let host = value.trimmingSpaces
            if host != value { trimmedHost = host }
            guard HostField.isValid(Array(host.utf8)) else { throw .malformed("`Host` is malformed") }
        case 7 where name.lowercased() == "upgrade": asksForProtocol = true
        case 14 where name.lowercased() == "content-length": hasLength = true
        case 17 where name.lowercased() == "transfer-encoding":
            transferCodings = transferCodings.map { "\($0), \(value)" } ?? value
        default: break
        }
    }

    /// Section 3.2.
    private func checkHost(_ version: HTTPVersion) throws(Problem) {
        if hosts > 1 { throw .malformed("`Host` is there more than once") }
        if hosts == 0, version != .http1_0 { throw .malformed("a request of HTTP/1.1 needs a `Host`") }
    }

    /// Section 6.1.
    private func checkFraming(_ version: HTTPVersion) throws(Problem) {
        guard let transferCodings else { return }
        if version == .http1_0 { throw .malformed("HTTP/1.0 has no `Transfer-Encoding`") }
        if hasLength { throw .malformed("`Content-Length` and `Transfer-Encoding` exclude each other") }
        guard transferCodings.lowercased() == "chunked" else {
            let isFramed = transferCodings.lowercased().hasSuffix("chunked")
            throw isFramed
                ? Problem(
                    .notImplemented, "not-implemented", "Not implemented",
                    "the only `Transfer-Encoding` is `chunked`")
                : .malformed("`Transfer-Encoding` has to end with `chunked`")
        }
    }

    /// Section 3.2: an absolute target is read like its path, and its authority counts instead of `Host`.
    private func checkTarget(_ head: inout HTTPRequestHead) throws(Problem) {
        let target = head.uri
        guard head.method != .CONNECT else { throw .unknownMethod }
        if target.utf8.first == UInt8(ascii: "/") || target == "*" && head.method == .OPTIONS {
            head.uri = PercentEncoding.normalized(target: target)
            if let trimmedHost { head.headers.replaceOrAdd(name: "Host", value: trimmedHost) }
            return
        }
        let lowercased = target.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercased.hasPrefix($0) }) else {
            throw .malformed("the target of a request is a path")
        }
        let rest = target.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, HostField.isValid(Array(authority.utf8)) else {
            throw .malformed("the target of the request is malformed")
        }
        let path = rest.dropFirst(authority.count)
        head.uri = PercentEncoding.normalized(target: path.hasPrefix("/") ? String(path) : "/\(path)")
        head.headers.replaceOrAdd(name: "Host", value: String(authority))
    }
}
