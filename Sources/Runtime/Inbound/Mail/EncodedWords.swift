/// Text of header fields with encoded words in it (RFC 2047): `=?utf-8?Q?St=C3=B6rung?=`.
///
/// Lenient, as mail programs are: words may be longer than they should, stand within quotes or next to other text, and one
/// character may be cut into two words.
enum EncodedWords {
    /// The text with its words decoded, on one line.
    static func decoded(_ text: String) -> String {
        var output = ""
        var rest = Substring(text)
        // Words that follow each other in one charset are decoded as one.
        var pending: (charset: String, bytes: [UInt8])?
        func flush() {
            guard let (charset, bytes) = pending else { return }
            output += Charset.text(bytes, charset: charset)
            pending = nil
        }
        while let start = rest.firstRange(of: "=?") {
            let between = rest[..<start.lowerBound]
            guard let word = Word(rest[start.lowerBound...]) else {
                flush()
                output += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                continue
            }
            // White space between two words is none of the text.
            if pending == nil || !between.allSatisfy(\.isWhitespace) {
                flush()
                output += between
            }
            if let current = pending, current.charset == word.charset {
                pending = (current.charset, current.bytes + word.bytes)
            } else {
                flush()
                pending = (word.charset, word.bytes)
            }
            rest = word.rest
        }
        flush()
        return output + rest
    }

    /// A header's value as it was sent: unfolded (RFC 5322, section 2.2.3), decoded; bytes without a charset of their own
    /// are UTF-8 or else Windows-1252.
    static func decoded(header bytes: [UInt8]) -> String {
        let line = bytes.filter { $0 != 0x0D && $0 != 0x0A }
        return decoded(Charset.text(line, charset: nil)).trimmingSpaces
    }

    /// `=?charset?encoding?text?=` at the beginning of a text.
    private struct Word {
        let charset: String
        let bytes: [UInt8]
        let rest: Substring

        init?(_ text: Substring) {
            let parts = text.dropFirst(2).split(
                separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, 1...64 ~= parts[0].utf8.count, let end = parts[2].firstRange(of: "?="),
                !parts[0].contains(where: \.isWhitespace)
            else { return nil }
            // A language may follow the charset (RFC 2231, section 5).
            charset = String(parts[0].prefix { $0 != "*" }).lowercased()
            let encoded = parts[2][..<end.lowerBound]
            switch parts[1].lowercased() {
            case "q": bytes = Self.quoted(encoded)
            case "b":
                guard let decoded = Base64.bytes(encoded) else { return nil }
                bytes = decoded
            default: return nil
            }
            rest = parts[2][end.upperBound...]
        }

        private static func quoted(_ text: Substring) -> [UInt8] {
            HexEscapes.decode(text.utf8, escape: UInt8(ascii: "="), space: UInt8(ascii: "_"))
        }
    }
}
