/// Splits a text into what stands as it is and the `${ }` in it.
///
/// The end of an expression is found by CEL's own rules for strings, comments and braces, so `${ {'a': '}'}.a }`
/// is one expression. `$${` is a literal `${`.
struct TemplateScanner {
    enum Piece: Equatable {
        case text(String)
        /// The source between the braces, and where it begins, in Unicode scalars.
        case expression(String, start: Int)
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var pieces: [Piece] = []
    private var text = String.UnicodeScalarView()

    private init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    static func pieces(of text: String) throws(CompilationError) -> [Piece] {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text.isEmpty ? [] : [.text(text)] }
        var scanner = TemplateScanner(Array(text.unicodeScalars))
        try scanner.scan()
        return scanner.pieces
    }

    private mutating func scan() throws(CompilationError) {
        while position < scalars.count {
            if isAt("$${") {
                text.append(contentsOf: "${".unicodeScalars)
                position += 3
            } else if isAt("${") {
                flush()
                try expression()
            } else {
                text.append(scalars[position])
                position += 1
            }
        }
        flush()
    }

    private mutating func flush() {
        if !text.isEmpty { pieces.append(.text(String(text))) }
        text = String.UnicodeScalarView()
    }

    private mutating func expression() throws(CompilationError) {
        let opening = position
        position += 2
        var depth = 0
        while position < scalars.count {
            switch scalars[position] {
            case "}" where depth == 0:
                pieces.append(
                    .expression(String(scalars: scalars[opening + 2..<position]), start: opening + 2))
                position += 1
                return
            case "}": depth -= 1
            case "{": depth += 1
            default: break
            }
            skip()
        }
        let hint =
            "close it with `}`; in YAML a ` #` starts a comment and cuts off an unquoted text: put quotes around it"
        throw CompilationError([
            Diagnostic(
                code: .template, message: "`${` is not closed", range: opening..<opening + 2, hint: hint)
        ])
    }

    /// Passes one scalar, or a whole string or comment in which braces do not count.
    private mutating func skip() {
        if isAt("//") {
            while position < scalars.count, scalars[position] != "\n" { position += 1 }
        } else if !continuesName, let opening = StringLiteral.Opening(scalars, at: position) {
            switch StringLiteral.read(scalars, at: position, opening) {
            case .success(let literal): position = literal.end
            case .failure(let problem): position = max(position + 1, problem.end)
            }
        } else {
            position += 1
        }
    }

    /// True inside of a name, where an `r` or `b` does not begin a string.
    private var continuesName: Bool {
        position > 0 && (scalars[position - 1].isIdentifierHead || scalars[position - 1].isDigit)
            && scalars[position].isIdentifierHead
    }

    private func isAt(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }
}
