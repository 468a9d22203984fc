/// Turns a source into tokens (cel-spec `doc/langdef.md`, "Syntax").
///
/// A character that cannot be read is reported and passed over, so that one run finds several mistakes.
struct Lexer {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var tokens: [Token] = []
    private var diagnostics: [Diagnostic] = []

    private init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// The tokens of a source; the last one is `.end`.
    static func tokens(of scalars: [Unicode.Scalar]) -> (tokens: [Token], diagnostics: [Diagnostic]) {
        var lexer = Lexer(scalars)
        lexer.run()
        return (lexer.tokens, lexer.diagnostics)
    }

    private mutating func run() {
        while true {
            skipBlanks()
            guard let scalar = peek() else { break }
            let start = position
            if let kind = next(scalar) { tokens.append(Token(kind: kind, range: start..<position)) }
        }
        tokens.append(Token(kind: .end, range: position..<position))
    }

    private mutating func next(_ scalar: Unicode.Scalar) -> Token.Kind? {
        if let literal = stringLiteral() { return literal }
        if scalar.isIdentifierHead { return identifier() }
        if scalar.isDigit || (scalar == "." && (peek(1)?.isDigit ?? false)) { return number() }
        if scalar == "`" { return quotedIdentifier() }
        return symbol(scalar)
    }

    // MARK: Names and symbols

    private mutating func skipBlanks() {
        while let scalar = peek() {
            if scalar == "/", peek(1) == "/" {
                while let scalar = peek(), scalar != "\n" { _ = scalar; position += 1 }
            } else if scalar == " " || (0x09...0x0D ~= scalar.value && scalar.value != 0x0B) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func identifier() -> Token.Kind {
        .identifier(take { $0.isIdentifierHead || $0.isDigit })
    }

    private mutating func quotedIdentifier() -> Token.Kind? {
        let start = position
        position += 1
        let name = take { $0.isIdentifierHead || $0.isDigit || "./- ".unicodeScalars.contains($0) }
        guard peek() == "`", !name.isEmpty else {
            report(
                start..<position,
                "a field name in backquotes holds only letters, digits, `_`, `.`, `-`, `/` and spaces")
            return nil
        }
        position += 1
        return .quotedIdentifier(name)
    }

    private mutating func symbol(_ scalar: Unicode.Scalar) -> Token.Kind? {
        if let following = peek(1), let long = Token.Symbol(rawValue: String(scalars: [scalar, following])) {
            position += 2
            return .symbol(long)
        }
        if let short = Token.Symbol(rawValue: String(Character(scalar))) {
            position += 1
            return .symbol(short)
        }
        let trap = SyntaxTraps.unexpected(scalar, followedBy: peek(1))
        let length = min(trap.length, scalars.count - position)
        diagnostics.append(
            Diagnostic(
                code: trap.code, message: trap.message, range: position..<position + length, hint: trap.hint))
        position += length
        return trap.standsFor.map { .symbol($0) }
    }

    // MARK: Numbers

    private mutating func number() -> Token.Kind? {
        let start = position
        if peek() == "0", peek(1) == "x" { return hexadecimal(start) }
        var text = take { $0.isDigit }
        var isDouble = false
        if peek() == ".", peek(1)?.isDigit ?? false {
            isDouble = true
            position += 1
            text += "." + take { $0.isDigit }
        }
        if let exponent = exponent() {
            isDouble = true
            text += exponent
        }
        if isDouble { return .double(Double(text.hasPrefix(".") ? "0" + text : text) ?? .infinity) }
        return integer(text, radix: 10, start)
    }

    private mutating func exponent() -> String? {
        guard peek() == "e" || peek() == "E" else { return nil }
        let signed = peek(1) == "+" || peek(1) == "-"
        guard peek(signed ? 2 : 1)?.isDigit ?? false else { return nil }
        let sign = signed && peek(1) == "-" ? "-" : ""
        position += signed ? 2 : 1
        return "e" + sign + take { $0.isDigit }
    }

    private mutating func hexadecimal(_ start: Int) -> Token.Kind? {
        position += 2
        return integer(take { $0.properties.isASCIIHexDigit }, radix: 16, start)
    }

    private mutating func integer(_ digits: String, radix: Int, _ start: Int) -> Token.Kind? {
        let unsigned = peek() == "u" || peek() == "U"
        if unsigned { position += 1 }
        guard let magnitude = UInt64(digits, radix: radix) else {
            report(start..<position, "the number does not fit into 64 bits")
            return nil
        }
        return unsigned ? .uint(magnitude) : .int(magnitude: magnitude)
    }

    // MARK: Strings

    private mutating func stringLiteral() -> Token.Kind? {
        guard let opening = StringLiteral.Opening(scalars, at: position) else { return nil }
        let start = position
        switch StringLiteral.read(scalars, at: start, opening) {
        case .success(let literal):
            position = literal.end
            return literal.kind
        case .failure(let problem):
            report(problem.range, problem.message)
            position = max(problem.end, start + 1)
            return .string("")
        }
    }

    // MARK: Steps

    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        position + distance < scalars.count ? scalars[position + distance] : nil
    }

    private mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(), condition(scalar) {
            text.append(scalar)
            position += 1
        }
        return String(text)
    }

    private mutating func report(_ range: Range<Int>, _ message: String) {
        diagnostics.append(Diagnostic(code: .syntax, message: message, range: range))
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { "0"..."9" ~= self }
    var isIdentifierHead: Bool { "a"..."z" ~= self || "A"..."Z" ~= self || self == "_" }
}
