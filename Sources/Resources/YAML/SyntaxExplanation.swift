/// libyaml's syntax errors in the words of someone who writes configuration, and the traps behind them.
struct SyntaxExplanation {
    let message: String
    let hint: String?

    init(_ failure: EventStream.Failure, in source: SourceFile) {
        let line = source.line(Int(failure.mark.line))
        let before = String(
            String.UnicodeScalarView(line.unicodeScalars.prefix(Int(failure.mark.column) - 1)))
        let (message, hint) = Self.explain(failure, line: line, before: before)
        self.message = message
        self.hint = Self.templateHint(failure, line: line) ?? hint
    }

    private static func explain(_ failure: EventStream.Failure, line: String, before: String) -> (
        String, String?
    ) {
        let problem = failure.problem
        let context = failure.context
        return switch true {
        case problem.contains("mapping values are not allowed"): colon(before)
        case problem.contains("cannot start any token"): badStart(line, failure.mark)
        case problem.contains("alphabetic or numeric character"):
            context.contains("alias")
                ? ("`*` begins an alias and needs a name behind it", "quote it: \"*\"")
                : ("`&` begins an anchor and needs a name behind it", "quote the value")
        case problem.contains("unexpected end of stream"), problem.contains("unexpected document indicator"):
            context.contains("quoted scalar")
                ? ("a quoted string is not closed", "close it before the document ends")
                : ("the document ends too early", nil)
        case problem.contains("tab"): ("a tab cannot indent", "use spaces")
        case problem.contains("',' or ']'"): ("`,` or `]` is missing in a list", nil)
        case problem.contains("',' or '}'"): ("`,` or `}` is missing in a mapping", nil)
        case problem.contains("'-' indicator"):
            ("this does not belong to the list above", "check the indentation")
        case problem.contains("expected key"):
            ("this does not belong to the mapping above", "check the indentation")
        case problem.contains("could not find expected ':'"): ("`:` is missing behind a key", nil)
        case problem.contains("found unexpected ':'"):
            (
                "`:` within `{ }` or `[ ]` needs a space behind it",
                "quote the value if the colon belongs to it"
            )
        case problem.contains("unknown escape"):
            (
                "a double-quoted string has an unknown escape",
                "write `\\\\` for a backslash, or use single quotes"
            )
        case problem.contains("control characters"):
            ("the text holds a control character", "write it as an escape in a double-quoted string")
        case problem.contains("document start"):
            ("only one value is allowed in a document", "separate documents with `---`")
        case problem.contains("maximum depth"), problem.contains("nesting"):
            ("the text is nested too deeply", nil)
        default: ("\(context.isEmpty ? "" : "\(context): ")\(problem)", nil)
        }
    }

    /// `: ` where no mapping can begin: within a plain value, or below a line that ends a value already.
    private static func colon(_ before: String) -> (String, String?) {
        let isWithinValue = before.contains(": ")
        return isWithinValue
            ? ("`: ` inside an unquoted value", "it separates a key from its value: quote the whole value")
            : ("a mapping cannot begin here", "check the indentation")
    }

    private static func badStart(_ line: String, _ mark: Mark) -> (String, String?) {
        let scalar = line.unicodeScalars.dropFirst(Int(mark.column) - 1).first ?? " "
        if scalar == "\t" { return ("a tab cannot indent", "use spaces") }
        return ("a value cannot begin with `\(scalar)`", "quote it")
    }

    /// A template without quotes is the usual reason in a line that holds `${`.
    private static func templateHint(_ failure: EventStream.Failure, line: String) -> String? {
        guard let range = line.firstRange(of: "${"), !line[..<range.lowerBound].hasSuffix("\"") else {
            return nil
        }
        let isQuoted =
            line[..<range.lowerBound].count { $0 == "\"" } % 2 == 1
            || line[..<range.lowerBound].count { $0 == "'" } % 2 == 1
        return isQuoted ? nil : "always quote a value with `${…}`: \"${…}\""
    }
}

extension String {
    fileprivate func firstRange(of part: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
