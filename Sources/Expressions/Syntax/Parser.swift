/// A recursive-descent parser for CEL with precedence climbing; macros are expanded as calls are read.
///
/// Bounds: 100,000 code points, 250 levels of nesting (of the source and of the tree).
struct Parser {
    static let maximumLength = 100_000
    static let maximumDepth = 250

    private let tokens: [Token]
    private var position = 0
    private var depth = 0
    private var nextID = 0
    let macrosEnabled: Bool
    var diagnostics: [Diagnostic] = []

    /// Signals that parsing cannot go on; the diagnostic has been recorded.
    struct Stop: Error {}

    /// What parsing yields. `tree` is nil when there are diagnostics.
    struct Result {
        let tree: Expr?
        let count: Int
        let diagnostics: [Diagnostic]
    }

    private init(_ tokens: [Token], macros: Bool) {
        self.tokens = tokens
        macrosEnabled = macros
    }

    static func parse(_ source: String, macros: Bool = true) -> Result {
        let scalars = Array(source.unicodeScalars.prefix(maximumLength + 1))
        guard scalars.count <= maximumLength else {
            let message = "the expression is longer than \(maximumLength) characters"
            return Result(
                tree: nil, count: 0,
                diagnostics: [Diagnostic(code: .tooLarge, message: message, range: 0..<1)])
        }
        let (tokens, lexical) = Lexer.tokens(of: scalars)
        var parser = Parser(tokens, macros: macros)
        let tree = parser.whole()
        // What the lexer passed over makes the parser stumble; its own complaint would only repeat that.
        let diagnostics =
            lexical + (lexical.isEmpty ? parser.diagnostics : parser.diagnostics.filter(\.isTrap))
        return Result(tree: diagnostics.isEmpty ? tree : nil, count: parser.nextID, diagnostics: diagnostics)
    }

    private mutating func whole() -> Expr? {
        do throws(Stop) {
            if case .end = current.kind { throw fail("the expression is empty", at: current.range) }
            let tree = try expression()
            guard case .end = current.kind else { throw unexpected(after: true) }
            return tree
        } catch {
            return nil
        }
    }

    // MARK: Operators

    /// `condition ? this : that`, or anything that binds more tightly.
    mutating func expression() throws(Stop) -> Expr {
        try enter()
        defer { depth -= 1 }
        let condition = try binary(minimum: 1)
        guard let question = take(.question) else { return condition }
        try refuseForeignOperators(question)
        let first = try binary(minimum: 1)
        try expect(.colon)
        let second = try expression()
        return try call(Operator.conditional, question, [condition, first, second])
    }

    /// `a?.b` and `a ?? b` of other languages.
    private mutating func refuseForeignOperators(_ question: Range<Int>) throws(Stop) {
        let range = question.lowerBound..<current.range.upperBound
        guard question.upperBound == current.range.lowerBound else { return }
        if case .symbol(.dot) = current.kind {
            throw fail("`?.` is not an operator", at: range, hint: "an optional field is written `a.?b`")
        }
        if case .symbol(.question) = current.kind {
            throw fail("`??` is not an operator", at: range, hint: "write `a.?b.orValue(c)`")
        }
    }

    private static func precedence(_ symbol: Token.Symbol) -> Int? {
        switch symbol {
        case .or: 1
        case .and: 2
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: 3
        case .plus, .minus: 4
        case .star, .slash, .percent: 5
        default: nil
        }
    }

    private mutating func binary(minimum: Int) throws(Stop) -> Expr {
        var left = try unary()
        while let (name, level, range) = infix(), level >= minimum {
            position += 1
            let right = try binary(minimum: level + 1)
            left = try combine(name, range, left, right)
        }
        return left
    }

    /// The operator at this place; a word such as `and` is reported and read as what it means.
    private mutating func infix() -> (name: String, level: Int, range: Range<Int>)? {
        let token = current
        switch token.kind {
        case .symbol(let symbol):
            guard let level = Self.precedence(symbol) else { return nil }
            return ("_\(symbol.rawValue)_", level, token.range)
        case .identifier("in"):
            return (Operator.in, 3, token.range)
        case .identifier(let word):
            guard let (hint, symbol) = SyntaxTraps.operatorWord(word), let level = Self.precedence(symbol)
            else {
                return nil
            }
            if !diagnostics.contains(where: { $0.range == token.range }) {
                diagnostics.append(
                    Diagnostic(
                        code: .operatorWord, message: "`\(word)` is not an operator", range: token.range,
                        hint: hint))
            }
            return ("_\(symbol.rawValue)_", level, token.range)
        default: return nil
        }
    }

    /// Chains of `&&` and of `||` become one call, so that long lists of conditions are not deep trees.
    private mutating func combine(_ name: String, _ range: Range<Int>, _ left: Expr, _ right: Expr)
        throws(Stop) -> Expr
    {
        if name == Operator.and || name == Operator.or, case .call(let chain) = left.kind,
            chain.function == name
        {
            return try call(name, chain.nameRange, chain.arguments + [right])
        }
        return try call(name, range, [left, right])
    }

    private mutating func unary() throws(Stop) -> Expr {
        guard case .symbol(let symbol) = current.kind, symbol == .minus || symbol == .not else {
            return try member()
        }
        var operators: [Token] = []
        while case .symbol(symbol) = current.kind {
            if symbol == .minus, isNumber(position + 1) { break }
            operators.append(current)
            position += 1
        }
        guard operators.count < Self.maximumDepth else { throw tooDeep(operators[0].range) }
        var operand = try member()
        for token in operators.reversed() {
            operand = try call(symbol == .minus ? Operator.negate : Operator.not, token.range, [operand])
        }
        return operand
    }

    private func isNumber(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .int, .double: true
        default: false
        }
    }

    // MARK: Members

    private mutating func member() throws(Stop) -> Expr {
        var operand = try primary()
        while true {
            if let dot = take(.dot) {
                operand = try selection(of: operand, dot)
            } else if let bracket = take(.leftBracket) {
                operand = try index(of: operand, bracket)
            } else {
                return operand
            }
        }
    }

    private mutating func selection(of operand: Expr, _ dot: Range<Int>) throws(Stop) -> Expr {
        let isOptional = take(.question) != nil
        let token = current
        switch token.kind {
        case .identifier(let name) where !Self.keywords.contains(name):
            position += 1
            if !isOptional, let open = take(.leftParenthesis) {
                let arguments = try self.arguments(open)
                return try invoke(name, token.range, target: operand, arguments)
            }
            let selection = Expr.Selection(
                operand: operand, field: name, fieldRange: token.range, isOptional: isOptional)
            return try make(.select(selection), operand.range.lowerBound..<token.range.upperBound, [operand])
        case .quotedIdentifier(let name):
            position += 1
            let selection = Expr.Selection(
                operand: operand, field: name, fieldRange: token.range, isOptional: isOptional, isQuoted: true
            )
            return try make(.select(selection), operand.range.lowerBound..<token.range.upperBound, [operand])
        default: throw fail("a field name is expected after the dot, not \(token.text)", at: token.range)
        }
    }

    private mutating func index(of operand: Expr, _ bracket: Range<Int>) throws(Stop) -> Expr {
        let isOptional = take(.question) != nil
        let index = try expression()
        try expect(.rightBracket)
        return try call(
            isOptional ? Operator.optionalIndex : Operator.index, bracket, [operand, index], closed: true)
    }

    mutating func arguments(_ open: Range<Int>) throws(Stop) -> [Expr] {
        var arguments: [Expr] = []
        if take(.rightParenthesis) != nil { return arguments }
        repeat { arguments.append(try expression()) } while take(.comma) != nil
        try expect(.rightParenthesis)
        return arguments
    }

    // MARK: Steps

    var current: Token { tokens[position] }

    mutating func advance() { position += 1 }

    /// Where the last token that was read ends.
    var end: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

    mutating func take(_ symbol: Token.Symbol) -> Range<Int>? {
        guard case .symbol(symbol) = current.kind else { return nil }
        position += 1
        return tokens[position - 1].range
    }

    mutating func expect(_ symbol: Token.Symbol) throws(Stop) {
        guard take(symbol) != nil else { throw unexpected(expected: "`\(symbol.rawValue)`") }
    }

    private mutating func enter() throws(Stop) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw tooDeep(current.range) }
    }

    private mutating func tooDeep(_ range: Range<Int>) -> Stop {
        diagnostics.append(
            Diagnostic(
                code: .tooLarge,
                message: "the expression is nested more than \(Self.maximumDepth) levels deep",
                range: range))
        return Stop()
    }

    mutating func fail(_ message: String, at range: Range<Int>, hint: String? = nil) -> Stop {
        diagnostics.append(Diagnostic(code: .syntax, message: message, range: range, hint: hint))
        return Stop()
    }

    mutating func unexpected(expected: String? = nil, after: Bool = false) -> Stop {
        let token = current
        var hint: String?
        if case .identifier("not") = tokens[max(position - 1, 0)].kind {
            hint = "write `!` for a logical not"
        }
        if case .end = token.kind {
            let message = "the expression ends too early, \(expected ?? "a value") is expected"
            return fail(message, at: token.range, hint: hint)
        }
        let expectation =
            expected.map { ", \($0) is expected" } ?? (after ? " after a complete expression" : "")
        return fail("\(token.text) is unexpected here" + expectation, at: token.range, hint: hint)
    }

    /// Makes a node; `children` only serve to bound the depth.
    mutating func make(_ kind: Expr.Kind, _ range: Range<Int>, _ children: [Expr] = []) throws(Stop) -> Expr {
        let depth = 1 + (children.lazy.map(\.depth).max() ?? 0)
        guard depth <= Self.maximumDepth else { throw tooDeep(range) }
        defer { nextID += 1 }
        return Expr(id: nextID, range: range, kind: kind, depth: depth)
    }

    private mutating func call(
        _ name: String, _ range: Range<Int>, _ arguments: [Expr], closed: Bool = false
    ) throws(Stop) -> Expr {
        let lower = min(range.lowerBound, arguments.first?.range.lowerBound ?? range.lowerBound)
        let upper = closed ? end : max(range.upperBound, arguments.last?.range.upperBound ?? range.upperBound)
        let call = Expr.Call(function: name, nameRange: range, target: nil, arguments: arguments)
        return try make(.call(call), lower..<upper, arguments)
    }

    /// Words that the grammar itself uses, also after a dot.
    static let keywords: Set<String> = ["true", "false", "null", "in"]

    /// Words that no variable can have as its name; fields may.
    static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop",
        "package",
        "namespace", "return", "var", "void", "while",
    ]
}
