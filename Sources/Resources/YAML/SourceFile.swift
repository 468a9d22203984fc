/// A file of the configuration: its path below the configured root and its bytes, which are UTF-8 without a byte order
/// mark.
package struct SourceFile: Sendable {
    package let path: String
    package let bytes: [UInt8]

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
    func offset(ofLine number: Int) -> Int? {
        var line = 1
        var position = 0
        while line < number {
            guard let end = bytes[position...].firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
                return nil
            }
            position = end + 1
            if bytes[end] == 0x0D, position < bytes.count, bytes[position] == 0x0A { position += 1 }
            line += 1
        }
        return position
    }
}
