package import NIOCore

/// Writes the pieces of a message one behind the other into room that was made for all of them: a head has dozens, and a
/// buffer that checks its room for each costs more than the bytes.
package struct ByteWriter: ~Copyable {
    private let room: UnsafeMutableRawBufferPointer
    fileprivate private(set) var count = 0

    fileprivate init(_ room: UnsafeMutableRawBufferPointer) { self.room = room }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        // Raw memory is not checked in a release build.
        precondition(bytes.count <= room.count - count, "more than there is room for")
        guard let source = bytes.baseAddress, let start = room.baseAddress else { return }
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    package mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    package mutating func write(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { write($0) }
    }

    package mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func write(_ text: String) {
        let isWhole: Void? = text.utf8.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        if isWhole == nil { write(Array(text.utf8)) }
    }

    /// In decimal digits.
    package mutating func write(_ number: Int) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var (start, rest) = (digits.count, number.magnitude)
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 {
            start -= 1
            digits[start] = UInt8(ascii: "-")
        }
        withUnsafeBytes(of: digits) { write(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }
}

extension ByteBuffer {
    /// The most bytes that a number has in decimal digits.
    package static let numberSize = 20

    /// Appends what `body` writes.
    ///
    /// - Parameter size: bytes that it writes at most.
    /// - Precondition: it does not write more.
    package mutating func append(atMost size: Int, _ body: (inout ByteWriter) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: size) { room in
            var writer = ByteWriter(room)
            body(&writer)
            return writer.count
        }
    }
}
