internal import Synchronization

/// A file of the configuration: its path below the configured root and its bytes, which are UTF-8 without a byte order
/// mark.
package struct SourceFile: Sendable {
    package let path: String
    package let bytes: [UInt8]
    private let lines = LineIndex()

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes.starts(with: Self.byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The text of a line, counted from 1, without its line break.
    package func line(_ number: Int) -> String {
        guard let start = offset(ofLine: number) else { return "" }
        let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.endIndex
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// The offset of a line's first byte; lines end with LF, CR or CRLF, as YAML says.
    func offset(ofLine number: Int) -> Int? { lines.offset(ofLine: number, in: bytes) }
}

/// Where the lines of a file begin; made when the first diagnostic asks for it.
private final class LineIndex: Sendable {
    private let starts = Mutex<[Int]>([])

    func offset(ofLine number: Int, in bytes: [UInt8]) -> Int? {
        starts.withLock { starts in
            if starts.isEmpty { starts = Self.starts(of: bytes) }
            return starts.indices.contains(number - 1) ? starts[number - 1] : nil
        }
    }

    private static func starts(of bytes: [UInt8]) -> [Int] {
        var starts = [0]
        for (offset, byte) in bytes.enumerated() {
            let isCRLF = byte == 0x0D && offset + 1 < bytes.count && bytes[offset + 1] == 0x0A
            if byte == 0x0A || (byte == 0x0D && !isCRLF) { starts.append(offset + 1) }
        }
        return starts
    }
}
