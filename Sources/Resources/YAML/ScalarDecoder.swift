/// Decodes a scalar a second time, character by character, and notes where each one stands.
///
/// libyaml has accepted the text; what is left is how YAML folds lines and unescapes.
struct ScalarDecoder {
    struct Character {
        let scalar: Unicode.Scalar
        let mark: Mark
    }

    private let style: Scalar.Style
    private let start: Mark
    /// The lines of the file from the scalar's first to its last one.
    private let lines: [[Unicode.Scalar]]

    init(style: Scalar.Style, span: Span, file: SourceFile) {
        self.style = style
        start = span.start
        var lines = (Int(span.start.line)...max(Int(span.start.line), Int(span.end.line))).map {
            Array(file.line($0).unicodeScalars)
        }
        let behind = Int(span.end.column) - 1
        if style != .literal && style != .folded {
            lines[lines.count - 1] = Array(lines[lines.count - 1].prefix(behind))
        } else if behind == 0, lines.count > 1 {
            lines.removeLast()
        }
        self.lines = lines
    }

    /// - Parameter text: what libyaml decoded, to tell apart what only the surroundings of a block scalar say.
    func decode(_ text: [Unicode.Scalar]) -> [Character] {
        switch style {
        case .plain: flow(quote: nil)
        case .singleQuoted: flow(quote: "'")
        case .doubleQuoted: flow(quote: "\"")
        case .literal, .folded: block(text)
        }
    }

    private func mark(_ line: Int, _ column: Int) -> Mark {
        Mark(line: start.line + Int32(line), column: Int32(column + 1))
    }

    // MARK: Plain and quoted

    private func flow(quote: Unicode.Scalar?) -> [Character] {
        var result: [Character] = []
        var line = 0
        var column = Int(start.column) - 1 + (quote == nil ? 0 : 1)
        while line < lines.count {
            let (isJoined, isClosed) = flowLine(line, &column, quote, &result)
            if isClosed { break }
            let blank = lines[(line + 1)...].prefix { $0.allSatisfy(Self.isBlank) }.count
            guard line + blank + 1 < lines.count else { break }
            // One break is a space, each further one stays; an escaped one is nothing.
            let place = mark(line, column)
            if blank > 0 {
                for offset in 1...blank {
                    result.append(Character(scalar: "\n", mark: mark(line + offset, 0)))
                }
            } else if !isJoined {
                result.append(Character(scalar: " ", mark: place))
            }
            line += blank + 1
            column = lines[line].prefix(while: Self.isBlank).count
        }
        return result
    }

    /// Decodes up to the end of the line or of the scalar; `column` is then behind the last character.
    private func flowLine(
        _ line: Int, _ column: inout Int, _ quote: Unicode.Scalar?, _ result: inout [Character]
    ) -> (isJoined: Bool, isClosed: Bool) {
        let text = lines[line]
        var kept = result.count
        while column < text.count {
            let scalar = text[column]
            if quote == "'", scalar == "'" {
                guard column + 1 < text.count, text[column + 1] == "'" else { return (false, true) }
                result.append(Character(scalar: scalar, mark: mark(line, column)))
                column += 2
            } else if quote == "\"", scalar == "\"" {
                return (false, true)
            } else if quote == "\"", scalar == "\\" {
                guard column + 1 < text.count else { return (true, false) }
                let (unescaped, length) = Self.unescape(text[(column + 1)...])
                result.append(Character(scalar: unescaped, mark: mark(line, column)))
                column += 1 + length
            } else {
                result.append(Character(scalar: scalar, mark: mark(line, column)))
                column += 1
                if Self.isBlank(scalar) { continue }
            }
            kept = result.count
        }
        // Blanks at the end of a line do not count.
        column -= result.count - kept
        result.removeLast(result.count - kept)
        return (false, false)
    }

    /// The character behind a backslash, and how many scalars name it.
    private static func unescape(_ text: ArraySlice<Unicode.Scalar>) -> (Unicode.Scalar, Int) {
        let digits = ["x": 2, "u": 4, "U": 8][text.first!] ?? 0
        if digits > 0 {
            let code = String(String.UnicodeScalarView(text.dropFirst().prefix(digits)))
            return (UInt32(code, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}", 1 + digits)
        }
        return (escapes[text.first!] ?? text.first!, 1)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "0": "\0", "a": "\u{7}", "b": "\u{8}", "t": "\t", "\t": "\t", "n": "\n", "v": "\u{B}", "f": "\u{C}",
        "r": "\r",
        "e": "\u{1B}", "N": "\u{85}", "_": "\u{A0}", "L": "\u{2028}", "P": "\u{2029}",
    ]

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

    // MARK: Block scalars

    /// The header's line is the first one. The indentation that it may name counts from the parent, which is not known
    /// here: the one that gives the decoded text is the right one.
    private func block(_ text: [Unicode.Scalar]) -> [Character] {
        let header = lines[0].dropFirst(Int(start.column) - 1).prefix { $0 != " " && $0 != "\t" }
        let first = lines.dropFirst().first { $0.contains { $0 != " " } }
        let detected = (first ?? []).prefix { $0 == " " }.count
        let candidates =
            header.contains { ("1"..."9").contains($0) } ? Array(0...max(0, detected)) : [detected]
        let chomping = header.first { $0 == "-" || $0 == "+" }
        let readings = candidates.map { block(indent: $0, chomping: chomping) }
        return readings.first { $0.map(\.scalar) == text } ?? readings.last ?? []
    }

    private func block(indent: Int, chomping: Unicode.Scalar?) -> [Character] {
        var result: [Character] = []
        /// The break that ended the last line with text, and those of the empty lines since then.
        var lineBreak: Character?
        var emptyBreaks: [Character] = []
        var lastWasBlank = false
        for (line, text) in lines.enumerated().dropFirst() {
            guard text.count > indent, text.prefix(indent).allSatisfy({ $0 == " " }) else {
                guard text.allSatisfy({ $0 == " " }) else { break }
                emptyBreaks.append(Character(scalar: "\n", mark: mark(line, text.count)))
                continue
            }
            let startsBlank = Self.isBlank(text[indent])
            if let separator = lineBreak {
                let isFolded = style == .folded && !lastWasBlank && !startsBlank
                if !isFolded {
                    result.append(separator)
                } else if emptyBreaks.isEmpty {
                    result.append(Character(scalar: " ", mark: separator.mark))
                }
            }
            result += emptyBreaks
            emptyBreaks = []
            for column in indent..<text.count {
                result.append(Character(scalar: text[column], mark: mark(line, column)))
            }
            lineBreak = Character(scalar: "\n", mark: mark(line, text.count))
            lastWasBlank = startsBlank
        }
        if chomping != "-", let lineBreak { result.append(lineBreak) }
        if chomping == "+" { result += emptyBreaks }
        return result
    }
}
