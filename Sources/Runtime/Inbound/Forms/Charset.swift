import Glibc

/// Texts in the charsets of e-mail, through iconv.
enum Charset {
    static func isUTF8(_ name: String) -> Bool {
        ["utf-8", "utf8", "utf-8mb4", "us-ascii", "ascii", "ansi_x3.4-1968"].contains(
            name.trimmingSpaces.lowercased())
    }

    /// The text of some bytes. What is no character becomes U+FFFD; an unknown charset, or none, is UTF-8 where the bytes
    /// are, else Windows-1252, in which every sender without a word about it writes.
    static func text(_ bytes: [UInt8], charset: String?) -> String {
        let text = decoded(bytes, charset: charset?.trimmingSpaces.lowercased())
        // A byte order mark is none of the text.
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    private static func decoded(_ bytes: [UInt8], charset: String?) -> String {
        if let charset, !isUTF8(charset), let text = convert(bytes, from: widened[charset] ?? charset) {
            return text
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        if let charset, charset.hasPrefix("utf") { return String(decoding: bytes, as: UTF8.self) }
        return convert(bytes, from: "windows-1252") ?? String(decoding: bytes, as: UTF8.self)
    }

    /// Charsets that senders name and the larger ones that they write in (WHATWG Encoding, section 4.2), and names that
    /// iconv does not know.
    private static let widened = [
        "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252", "latin1": "windows-1252",
        "iso_8859-1": "windows-1252", "iso-8859-9": "windows-1254", "iso-8859-11": "cp874",
        "tis-620": "cp874",
        "windows-874": "cp874",
        "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
        "cp936": "gb18030",
        "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "ks_c_5601": "cp949",
        "windows-949": "cp949",
        "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
        "windows-31j": "cp932",
        "big5": "big5-hkscs", "x-big5": "big5-hkscs",
        "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6",
        "iso-8859-6-e": "iso-8859-6", "x-mac-roman": "macintosh", "mac": "macintosh",
        "unicode-1-1-utf-7": "utf-7", "x-cp1250": "windows-1250", "x-cp1251": "windows-1251",
        "x-cp1252": "windows-1252", "koi8": "koi8-r",
    ]

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
