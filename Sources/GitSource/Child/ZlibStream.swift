/// The zlib format (RFC 1950).
enum ZlibStream {
    /// The largest stored block (RFC 1951, section 3.2.4).
    private static let block = 65535

    /// Content as it is, in stored blocks.
    static func stored(_ content: UnsafeRawBufferPointer) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        stream.reserveCapacity(content.count + 5 * (content.count / block + 1) + 6)
        var start = 0
        repeat {
            let size = min(block, content.count - start)
            let isLast = start + size == content.count
            stream += [isLast ? 1 : 0, UInt8(size & 0xFF), UInt8(size >> 8)]
            stream += [UInt8(~size & 0xFF), UInt8((~size >> 8) & 0xFF)]
            stream += UnsafeRawBufferPointer(rebasing: content[start..<(start + size)])
            start += size
        } while start < content.count
        let sum = adler32(content)
        return stream + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    }

    private static func adler32(_ content: UnsafeRawBufferPointer) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        var rest = content[...]
        while !rest.isEmpty {
            // As many bytes as fit into 32 bits before the remainder has to be taken.
            for byte in rest.prefix(5552) {
                low &+= UInt32(byte)
                high &+= low
            }
            low %= 65521
            high %= 65521
            rest = rest.dropFirst(5552)
        }
        return high << 16 | low
    }
}
