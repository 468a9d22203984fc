import NIOCore

/// The fields of a response's head in the order received; a view of the checked bytes, parsed when looked at.
package struct ResponseHeaders: Sendable, Sequence {
    /// `name: value` lines, each ended by LF, without folds and surrounding space.
    private let lines: ByteBuffer

    init(lines: ByteBuffer) { self.lines = lines }

    package init() { lines = ByteBuffer() }

    /// The values of all fields of that name, joined with `, ` (RFC 9110, section 5.3); `nil` when there is
    /// none.
    package subscript(_ name: String) -> String? {
        let values = values(of: name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The values of all fields of that name, for a name whose value is not a list.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    /// Calls `body` with the bytes of each name and value, which may be no UTF-8.
    package func forEachLine(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void) {
        lines.withUnsafeReadableBytes { bytes in
            var rest = bytes
            while let line = FirstLine(rest) {
                body(line.name, line.value)
                rest = UnsafeRawBufferPointer(rebasing: rest[line.size...])
            }
        }
    }

    package func makeIterator() -> Iterator { Iterator(lines: lines) }

    /// Yields `(name, value)`; bytes that are not UTF-8 become replacement characters.
    package struct Iterator: IteratorProtocol {
        fileprivate var lines: ByteBuffer

        package mutating func next() -> (name: String, value: String)? {
            let field = lines.withUnsafeReadableBytes { bytes -> (name: String, value: String, size: Int)? in
                guard let line = FirstLine(bytes) else { return nil }
                return (
                    String(decoding: line.name, as: UTF8.self), String(decoding: line.value, as: UTF8.self),
                    line.size
                )
            }
            guard let field else { return nil }
            lines.moveReaderIndex(forwardBy: field.size)
            return (field.name, field.value)
        }
    }
}

/// The first line of a head.
private struct FirstLine {
    let name: UnsafeBufferPointer<UInt8>
    let value: UnsafeBufferPointer<UInt8>
    /// Its bytes with the LF.
    let size: Int

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let end = bytes.firstLineFeed(from: 0) else { return nil }
        let line = bytes[..<end]
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        name = UnsafeRawBufferPointer(rebasing: line[..<colon]).bindMemory(to: UInt8.self)
        value = UnsafeRawBufferPointer(rebasing: line[(colon + 2)...]).bindMemory(to: UInt8.self)
        size = end + 1
    }
}
