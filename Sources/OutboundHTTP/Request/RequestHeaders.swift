import NIOCore

/// Header lines of a request, checked as they are added, kept as the bytes that go out.
package struct RequestHeaders: Sendable {
    private(set) var lines: ByteBuffer

    package init() { lines = ByteBuffer() }

    /// - Throws: `OutboundError` naming the first field that cannot be sent.
    package init(_ fields: [(name: String, value: String)]) throws {
        self.init()
        for field in fields { try add(HeaderName(field.name), field.value) }
    }

    /// - Throws: `OutboundError` if the value holds CR, LF, NUL or another control character; it names the
    /// field only.
    package mutating func add(_ name: HeaderName, _ value: String) throws {
        guard value.utf8.allSatisfy(HTTPSyntax.isValueByte) else {
            throw OutboundError(.header, "the value of the header `\(name.text)` holds a control character")
        }
        lines.writeString(name.text)
        lines.writeStaticString(": ")
        lines.writeString(value)
        lines.writeStaticString("\r\n")
    }

    package mutating func add(_ name: HeaderName, _ value: Int) {
        lines.writeString(name.text)
        lines.writeStaticString(": ")
        lines.writeString(String(value))
        lines.writeStaticString("\r\n")
    }
}
