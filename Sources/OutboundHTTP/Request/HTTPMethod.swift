/// A request method (RFC 9110, section 9).
package struct HTTPMethod: Hashable, Sendable {
    package let name: String

    package static let get = HTTPMethod(unchecked: "GET")
    package static let head = HTTPMethod(unchecked: "HEAD")
    package static let post = HTTPMethod(unchecked: "POST")
    package static let put = HTTPMethod(unchecked: "PUT")
    package static let patch = HTTPMethod(unchecked: "PATCH")
    package static let delete = HTTPMethod(unchecked: "DELETE")

    /// - Throws: `OutboundError` unless it is a token; `CONNECT` and `TRACE` are refused.
    package init(_ name: String) throws {
        guard HTTPSyntax.isToken(name.utf8), name != "CONNECT", name != "TRACE" else {
            throw OutboundError(.header, "cannot use `\(name)` as a request method")
        }
        self.name = name
    }

    private init(unchecked name: String) { self.name = name }

    /// Whether repeating it is harmless by its definition (RFC 9110, section 9.2.2).
    package var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(name) }

    /// Whether a request without a body says so with `Content-Length: 0` (RFC 9110, section 8.6).
    var expectsBody: Bool { ["POST", "PUT", "PATCH"].contains(name) }
}
