/// Reads string and bytes literals: prefixes, the four kinds of quotes, escapes.
enum StringLiteral {
    /// A literal that was read, and the position after it.
    struct Literal {
        let kind: Token.Kind
        let end: Int
    }

    /// Why a literal cannot be read, and where the lexer goes on.
    struct Problem: Error {
        let message: String
        let range: Range<Int>
        let end: Int
    }

    /// What stands before the content: `r`, `b`, and one or three quotes.
    struct Opening {
        let isRaw: Bool
        let isBytes: Bool
        let quote: Unicode.Scalar
        let isTriple: Bool
        let length: Int

        init?(_ scalars: [Unicode.Scalar], at start: Int) {
            var position = start
            func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
                position + offset < scalars.count ? scalars[position + offset] : nil
            }
            isBytes = scalar() == "b" || scalar() == "B"
            if isBytes { position += 1 }
            isRaw = scalar() == "r" || scalar() == "R"
            if isRaw { position += 1 }
            guard let quote = scalar(), quote == "'" || quote == "\"" else { return nil }
            self.quote = quote
            isTriple = scalar(1) == quote && scalar(2) == quote
            length = position - start + (isTriple ? 3 : 1)
        }
    }

    static func read(_ scalars: [Unicode.Scalar], at start: Int, _ opening: Opening) -> Result<
        Literal, Problem
    > {
        var reader = Reader(scalars: scalars, start: start, opening: opening)
        return Result { () throws(Problem) in try reader.literal() }
    }
}

/// The state while one literal is read.
private struct Reader {
    let scalars: [Unicode.Scalar]
    let start: Int
    let opening: StringLiteral.Opening
    var position: Int
    var text = String.UnicodeScalarView()
    var bytes: [UInt8] = []

    init(scalars: [Unicode.Scalar], start: Int, opening: StringLiteral.Opening) {
        self.scalars = scalars
        self.start = start
        self.opening = opening
        position = start + opening.length
    }

    mutating func literal() throws(StringLiteral.Problem) -> StringLiteral.Literal {
        while position < scalars.count {
            let scalar = scalars[position]
            if closes() {
                let end = position + (opening.isTriple ? 3 : 1)
                return .init(kind: opening.isBytes ? .bytes(bytes) : .string(String(text)), end: end)
            }
            if !opening.isTriple, scalar == "\n" || scalar == "\r" { break }
            if scalar == "\\", !opening.isRaw {
                try escape()
            } else {
                append(scalar)
                position += 1
            }
        }
        throw StringLiteral.Problem(
            message: "the string is not closed", range: start..<position, end: position)
    }

    private func closes() -> Bool {
        guard scalars[position] == opening.quote else { return false }
        guard opening.isTriple else { return true }
        return position + 2 < scalars.count && scalars[position + 1] == opening.quote
            && scalars[position + 2] == opening.quote
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if opening.isBytes {
            bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
        } else {
            text.append(scalar)
        }
    }

    private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
        "\\": "\\", "?": "?", "\"": "\"", "'": "'", "`": "`",
    ]

    private mutating func escape() throws(StringLiteral.Problem) {
        let escapeStart = position
        guard position + 1 < scalars.count else { throw invalidEscape(escapeStart) }
        let letter = scalars[position + 1]
        position += 2
        if let scalar = Self.simple[letter] { return append(scalar) }
        switch letter {
        case "x", "X": try code(digits: 2, radix: 16, escapeStart)
        case "u" where !opening.isBytes: try code(digits: 4, radix: 16, escapeStart)
        case "U" where !opening.isBytes: try code(digits: 8, radix: 16, escapeStart)
        case "0"..."3":
            position -= 1
            try code(digits: 3, radix: 8, escapeStart)
        default: throw invalidEscape(escapeStart)
        }
    }

    /// A byte in a bytes literal, a code point in a string.
    private mutating func code(digits: Int, radix: Int, _ escapeStart: Int) throws(StringLiteral.Problem) {
        let end = position + digits
        guard end <= scalars.count else { throw invalidEscape(escapeStart) }
        let text = String(String.UnicodeScalarView(scalars[position..<end]))
        guard text.unicodeScalars.allSatisfy({ $0.properties.isASCIIHexDigit }),
            let value = UInt32(text, radix: radix)
        else { throw invalidEscape(escapeStart) }
        position = end
        if opening.isBytes {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else if let scalar = Unicode.Scalar(value) {
            append(scalar)
        } else {
            throw invalidEscape(escapeStart)
        }
    }

    private func invalidEscape(_ escapeStart: Int) -> StringLiteral.Problem {
        let end = min(max(position, escapeStart + 2), scalars.count)
        let written = String(String.UnicodeScalarView(scalars[escapeStart..<end]))
        return StringLiteral.Problem(
            message: "`\(written)` is not an escape sequence", range: escapeStart..<end,
            end: skipToClosingQuote(end))
    }

    /// Where the literal probably ends, so that the rest of the source is still read.
    private func skipToClosingQuote(_ from: Int) -> Int {
        var place = from
        while place < scalars.count, scalars[place] != opening.quote,
            opening.isTriple || scalars[place] != "\n"
        {
            place += 1
        }
        while place < scalars.count, scalars[place] == opening.quote { place += 1 }
        return place
    }
}
