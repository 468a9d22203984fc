/// Where each character of a decoded scalar stands in the file.
struct ScalarPositions {
    private let marks: [Mark]
    private let source: Int32

    init(_ text: String, style: Scalar.Style, span: Span, source: SourceFile) {
        marks = [span.start]
        self.source = span.source
    }

    func span(offset: Int, length: Int) -> Span {
        Span(start: marks[0], end: marks[0], source: source)
    }
}
