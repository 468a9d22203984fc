import NIOCore

/// Header lines of a request, checked as they are added, kept as the bytes that go out.
package struct RequestHeaders: Sendable {
    private(set) var lines: ByteBuffer

    package init() { lines = ByteBuffer() }

    /// - Parameter capacity: bytes of the lines, as far as they can be told.
    package init(capacity: Int) { lines = ByteBufferAllocator().buffer(capacity: capacity) }

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
            let bytes = UnsafeRawBufferPointer(bytes)
            guard HTTPSyntax.isValue(bytes) else { return false }
            write(name, bytes)
            return true
        }
        guard isSound else {
            throw OutboundError(.header, "the value of the header `\(name.text)` holds a control character")
        }
    }

    package mutating func add(_ name: HeaderName, _ value: Int) {
        lines.append(atMost: name.prefix.count + ByteBuffer.numberSize + 2) { line in
            line.write(name.prefix)
            line.write(value)
            line.write("\r\n")
        }
    }

    private mutating func write(_ name: HeaderName, _ value: UnsafeRawBufferPointer) {
        lines.append(atMost: name.prefix.count + value.count + 2) { line in
            line.write(name.prefix)
            line.write(value)
            line.write("\r\n")
        }
    }
}
