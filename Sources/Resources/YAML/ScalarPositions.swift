/// Where each character of a decoded scalar stands in the file; made when something within the scalar has to be shown.
struct ScalarPositions {
    /// One for each Unicode scalar of the text, and one for the end.
    private let marks: [Mark]
    private let source: Int32

    init(_ text: String, style: Scalar.Style, span: Span, source file: SourceFile) {
        source = span.source
        let scalars = Array(text.unicodeScalars)
        let decoded = ScalarDecoder(style: style, span: span, file: file).decode(scalars)
        marks = Self.align(decoded, with: scalars, start: span.start)
    }

    /// The part of the file that `length` characters from `offset` on come from; within one line.
    func span(offset: Int, length: Int) -> Span {
        let start = marks[min(max(0, offset), marks.count - 1)]
        let last = marks[min(max(0, offset + max(1, length) - 1), marks.count - 1)]
        let end =
            last.line == start.line
            ? Mark(line: last.line, column: last.column + 1)
            : Mark(line: start.line, column: start.column + 1)
        return Span(start: start, end: end, source: source)
    }

    /// The file has another text than the scalar where `${values.…}` was replaced: what stands before and behind the
    /// replacement keeps its place, the replacement has the place where it begins.
    private static func align(_ decoded: [ScalarDecoder.Character], with text: [Unicode.Scalar], start: Mark)
        -> [Mark]
    {
        let places = decoded.map(\.mark)
        let end = places.last.map { Mark(line: $0.line, column: $0.column + 1) } ?? start
        var head = 0
        while head < text.count, head < decoded.count, decoded[head].scalar == text[head] { head += 1 }
        if head == text.count, head == decoded.count { return places + [end] }
        var tail = 0
        while tail < text.count - head, tail < decoded.count - head,
            decoded[decoded.count - 1 - tail].scalar == text[text.count - 1 - tail]
        { tail += 1 }
        let middle = head < places.count ? places[head] : end
        return places[..<head] + Array(repeating: middle, count: text.count - head - tail)
            + places.suffix(tail) + [end]
    }
}
