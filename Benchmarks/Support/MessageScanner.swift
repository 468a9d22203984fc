import Glibc
import NIOCore

/// Cuts a stream of bytes into HTTP/1.1 messages with a `Content-Length`, and nothing more: both ends of a benchmark have
/// to cost as little as they can.
struct MessageScanner {
    private var buffer = ByteBuffer()

    /// Hands on head and body of every complete message.
    mutating func receive(
        _ bytes: ByteBuffer, _ body: (_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Void
    ) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
        while true {
            let length = buffer.withUnsafeReadableBytes { Self.message(in: $0, body) }
            guard length > 0 else { break }
            buffer.moveReaderIndex(forwardBy: length)
        }
        if buffer.readableBytes == 0 { buffer.clear() } else { buffer.discardReadBytes() }
    }

    private static func message(
        in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) -> Int {
        guard let head = position(of: "\r\n\r\n", in: bytes) else { return 0 }
        let start = head + 4
        let length = contentLength(UnsafeRawBufferPointer(rebasing: bytes[..<start]))
        guard bytes.count >= start + length else { return 0 }
        body(
            UnsafeRawBufferPointer(rebasing: bytes[..<start]),
            UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]))
        return start + length
    }

    static func position(of text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let length = text.utf8CodeUnitCount
        var place = 0
        while place + length <= bytes.count,
            let found = memchr(base + place, Int32(text.utf8Start.pointee), bytes.count - place - length + 1)
        {
            place = UnsafeRawPointer(found) - base
            if memcmp(found, text.utf8Start, length) == 0 { return place }
            place += 1
        }
        return nil
    }

    private static func contentLength(_ head: UnsafeRawBufferPointer) -> Int {
        let name: StaticString = "content-length:"
        guard let base = head.baseAddress else { return 0 }
        var line = 0
        while let end = memchr(base + line, 0x0A, head.count - line) {
            let next = UnsafeRawPointer(end) - base + 1
            if next - line > name.utf8CodeUnitCount,
                strncasecmp(
                    (base + line).assumingMemoryBound(to: CChar.self),
                    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self),
                    name.utf8CodeUnitCount) == 0
            {
                return digits(head[(line + name.utf8CodeUnitCount)...])
            }
            line = next
        }
        return 0
    }

    /// The number that comes first, behind spaces.
    static func digits(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        var value = 0
        for byte in bytes.drop(while: { $0 == 0x20 }) {
            guard 0x30...0x39 ~= byte else { break }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
