/// The trap of ` #` in the middle of an unquoted expression, which YAML takes for a comment.
enum CommentCut {
    /// The place of the `#` when a plain scalar stops there with a quote, a bracket or a brace open.
    static func find(_ scalar: Scalar, _ span: Span, _ source: SourceFile) -> Mark? {
        guard scalar.style == .plain, isOpen(scalar.text) else { return nil }
        return comment(behind: span, source)
    }

    /// What an error at the very end of an unquoted expression is due to, when a comment follows: `a && # b`.
    static func hint(
        for problem: ExpressionChecker.Problem, in use: ExpressionUse, _ sources: [SourceFile]
    ) -> String? {
        guard problem.severity == .error, use.style == .plain,
            problem.offset + 1 >= use.text.unicodeScalars.count,
            comment(behind: use.span, sources[Int(use.span.source)]) != nil
        else { return nil }
        return "` #` begins a comment and cuts the value short: quote the whole value"
    }

    /// The place of the `#` behind a plain scalar.
    private static func comment(behind span: Span, _ source: SourceFile) -> Mark? {
        let rest = source.line(Int(span.end.line)).unicodeScalars.dropFirst(Int(span.end.column) - 1)
        let blanks = rest.prefix { $0 == " " || $0 == "\t" }.count
        guard blanks > 0, rest.dropFirst(blanks).first == "#" else { return nil }
        return Mark(line: span.end.line, column: span.end.column + Int32(blanks))
    }

    private static func isOpen(_ text: String) -> Bool {
        var depth = 0
        var quote: UInt8?
        var isEscaped = false
        for byte in text.utf8 {
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == open {
                    quote = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return quote != nil || depth > 0
    }
}
