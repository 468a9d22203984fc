extension Diagnostic {
    /// The line of the source on which the problem begins, with `^` under it.
    package func excerpt(of source: String) -> String { SourceExcerpt.text(of: source, at: range) }

    /// Line and column in the source, both from 1, the column in Unicode scalars.
    package func position(in source: String) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        for scalar in source.unicodeScalars.prefix(range.lowerBound) {
            if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
        }
        return (line, column)
    }
}

/// A place in an expression, for people.
package enum SourceExcerpt {
    /// The line on which the range of Unicode scalars begins, with `^` under it.
    package static func text(of source: String, at range: Range<Int>) -> String {
        let scalars = Array(source.unicodeScalars)
        let start = min(range.lowerBound, scalars.count)
        let lineStart = (scalars[..<start].lastIndex(of: "\n") ?? -1) + 1
        let lineEnd = scalars[start...].firstIndex(of: "\n") ?? scalars.count
        let line = String(
            String.UnicodeScalarView(scalars[lineStart..<lineEnd].map { $0 == "\t" ? " " : $0 }))
        let width = max(1, min(range.upperBound, lineEnd) - start)
        let indent = String(repeating: " ", count: start - lineStart)
        return line + "\n" + indent + String(repeating: "^", count: width)
    }
}
