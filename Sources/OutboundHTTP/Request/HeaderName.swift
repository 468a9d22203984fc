/// A field name that the caller may set, checked once.
package struct HeaderName: Hashable, Sendable {
    /// As it is written; names are compared without regard to case by receivers.
    package let text: String
    /// What a line begins with: the name, a colon, a space.
    let prefix: [UInt8]

    /// - Throws: `OutboundError` unless it is a token and not one of the fields that frame the message.
    package init(_ text: String) throws {
        guard HTTPSyntax.isToken(text.utf8) else {
            throw OutboundError(.header, "`\(text)` is not a header name")
        }
        guard !Self.reserved.contains(text.lowercased()) else {
            throw OutboundError(.header, "the header `\(text)` cannot be set")
        }
        self.text = text
        prefix = Array("\(text): ".utf8)
    }

    package static func == (left: HeaderName, right: HeaderName) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The client's own: a caller that set one could smuggle a second request or speak to another host.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "proxy-authorization", "te", "trailer", "upgrade", "expect", "http2-settings",
    ]
}
