/// Header lines of a request, checked as they are added, kept as the bytes that go out.
package struct RequestHeaders: Sendable {
    private(set) var lines: [UInt8] = []

    private static let lineEnd = Array("\r\n".utf8)

    package init() {}

    /// - Parameter capacity: bytes of the lines, as far as they can be told.
    package init(capacity: Int) { lines.reserveCapacity(capacity) }

    /// - Throws: `OutboundError` naming the first field that cannot be sent.
    package init(_ fields: [(name: String, value: String)]) throws {
        self.init()
        for field in fields { try add(HeaderName(field.name), field.value) }
    }

    /// - Throws: `OutboundError` if the value holds CR, LF, NUL or another control character; it names the
    /// field only.
    package mutating func add(_ name: HeaderName, _ value: String) throws {
        var value = value
        let isSound = value.withUTF8 { bytes in
            guard HTTPSyntax.isValue(UnsafeRawBufferPointer(bytes)) else { return false }
            append(name, bytes)
            return true
        }
        guard isSound else {
            throw OutboundError(.header, "the value of the header `\(name.text)` holds a control character")
        }
    }

    package mutating func add(_ name: HeaderName, _ value: Int) {
        append(name, String(value).utf8)
    }

    private mutating func append(_ name: HeaderName, _ value: some Collection<UInt8>) {
        lines += name.prefix
        lines += value
        lines += Self.lineEnd
    }
}
