import Glibc

/// Texts in the charsets of e-mail, through iconv.
enum Charset {
    static func isUTF8(_ name: String) -> Bool { ["utf-8", "utf8", "us-ascii"].contains(name.lowercased()) }

    /// The text of some bytes. What is no character becomes U+FFFD; an unknown charset, or none, is UTF-8 where the bytes
    /// are, else Windows-1252, in which every sender without a word about it writes.
    static func text(_ bytes: [UInt8], charset: String?) -> String {
        if let charset, !isUTF8(charset), let text = convert(bytes, from: charset) { return text }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        if let charset, isUTF8(charset) { return String(decoding: bytes, as: UTF8.self) }
        return convert(bytes, from: "WINDOWS-1252") ?? String(decoding: bytes, as: UTF8.self)
    }

    /// nil when the charset is not known.
    private static func convert(_ bytes: [UInt8], from charset: String) -> String? {
        // `//` would switch on options of iconv.
        guard !charset.isEmpty, charset.utf8.count < 64, !charset.contains("/"),
            let descriptor = iconv_open("UTF-8", charset), descriptor != iconv_t(bitPattern: -1)
        else { return nil }
        defer { iconv_close(descriptor) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2)
        var input = bytes
        input.withUnsafeMutableBytes { buffer in
            var rest = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            var left = buffer.count
            var piece = [CChar](repeating: 0, count: 4096)
            while left > 0 {
                let before = left
                let written = piece.withUnsafeMutableBufferPointer { piece in
                    var target = piece.baseAddress
                    var room = piece.count
                    _ = iconv(descriptor, &rest, &left, &target, &room)
                    return piece.count - room
                }
                output += piece[..<written].map { UInt8(bitPattern: $0) }
                if left > 0, errno == EILSEQ || errno == EINVAL || (left == before && written == 0) {
                    output += "\u{FFFD}".utf8
                    rest = rest.map { $0 + 1 }
                    left -= 1
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
