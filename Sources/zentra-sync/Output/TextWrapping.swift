/// Text in lines of a terminal.
enum TextWrapping {
    /// With less room than this nothing is wrapped: lines of a word or two are no easier to read.
    static let least = 20

    /// The same text with lines that fit, as far as their words do: what is too long goes on below its last column,
    /// or below the line when a word is too long for that column.
    ///
    /// - Parameter width: of the terminal; nil where there is none, and nothing is changed.
    static func fitted(_ text: String, to width: Int? = Console.standard.width) -> String {
        guard let width else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { fitted(line: $0, to: width) }.joined(separator: "\n")
    }

    /// The words of a text in lines of at most that many characters; a longer word has a line of its own. At least one.
    static func lines(of text: some StringProtocol, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if let last = lines.last, shown(last) + 1 + shown(word) <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    private static func fitted(line: Substring, to width: Int) -> String {
        let column = lastColumn(of: line)
        let start = shown(line[..<column])
        guard shown(line) > width, width - start >= least else { return String(line) }
        let rest = lines(of: line[column...], width: width - start)
        let place = line.prefix { $0 == " " }.count + 4
        guard place < start, rest.contains(where: { shown($0) > width - start }) else {
            return String(line[..<column]) + rest.joined(separator: margin(start))
        }
        // A word is too long for the column: it has more room below, a little to the right of where the line begins.
        let above = line[..<(line[..<column].lastIndex { $0 != " " }.map(line.index(after:)) ?? column)]
        return ([String(above)] + lines(of: line[column...], width: width - place)).joined(
            separator: margin(place))
    }

    private static func margin(_ width: Int) -> String { "\n" + String(repeating: " ", count: width) }

    /// Behind the last two spaces that stand side by side.
    private static func lastColumn(of line: Substring) -> Substring.Index {
        var place = line.startIndex
        for index in line.indices where line[index] != " " && line[..<index].hasSuffix("  ") { place = index }
        return place
    }

    /// How many characters of it a terminal shows: the others are colours (ECMA-48).
    private static func shown(_ text: some StringProtocol) -> Int {
        var count = 0
        var isColour = false
        for character in text {
            if isColour {
                isColour = character != "m"
            } else if character == "\u{1B}" {
                isColour = true
            } else {
                count += 1
            }
        }
        return count
    }
}
