extension DiagnosticRenderer {
    /// Two columns more than the widest line number that most files have.
    private static let gutter = 5
    /// Longer lines are cut around the mark.
    private static let lineWidth = 140

    /// The position and the message; below them the line with the place marked, and the hint beside the mark.
    func human(_ diagnostic: Diagnostic) -> String {
        let place = SourcePosition(
            file: Printable.line(pathPrefix + diagnostic.position.file), line: diagnostic.position.line,
            column: diagnostic.position.column)
        let level = colour(
            "\(diagnostic.severity)[\(diagnostic.code.rawValue)]", diagnostic.severity == .error ? 31 : 33)
        let head = "\(place): \(level): \(bold(diagnostic.message))\n"
        guard let excerpt = diagnostic.excerpt else {
            return head + (diagnostic.hint.map { "hint: \($0)\n" } ?? "")
        }
        let (before, marked, after) = Self.cut(
            excerpt, column: diagnostic.position.column, length: diagnostic.length)
        let number = "\(diagnostic.position.line)"
        let margin = String(repeating: " ", count: max(0, Self.gutter - number.count))
        let marks = String(repeating: "^", count: max(1, Printable.width(marked)))
        let pad = String(repeating: " ", count: Printable.width(before))
        let hint = diagnostic.hint.map { " \($0)" } ?? ""
        let blank = String(repeating: " ", count: max(Self.gutter, number.count))
        return head + "\(margin)\(colour("\(number) |", 34)) \(before)\(marked)\(after)\n"
            + "\(blank)\(colour(" |", 34)) \(pad)\(colour("\(marks)\(hint)", diagnostic.severity == .error ? 31 : 33))\n"
    }

    /// The line before, at and behind the mark, in characters that do no harm to a terminal.
    private static func cut(_ line: String, column: Int, length: Int) -> (String, String, String) {
        var scalars = Array(line.unicodeScalars)
        var start = min(column - 1, scalars.count)
        var prefix = ""
        if scalars.count > lineWidth {
            let from = max(0, min(start - lineWidth / 3, scalars.count - lineWidth))
            if from > 0 { prefix = "…" }
            scalars = Array(scalars[from..<min(scalars.count, from + lineWidth)])
            start -= from
        }
        let end = min(scalars.count, start + length)
        func text(_ range: Range<Int>) -> String {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[range])
            return Printable.line(String(text))
        }
        return (prefix + text(0..<start), text(start..<end), text(end..<scalars.count))
    }

    private func colour(_ text: String, _ code: Int) -> String {
        isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
    private func bold(_ text: String) -> String { isColoured ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
