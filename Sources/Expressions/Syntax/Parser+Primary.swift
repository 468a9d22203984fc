extension Parser {
    /// A literal, a name, a call, a list, a map, or an expression in parentheses.
    mutating func primary() throws(Stop) -> Expr {
        let token = current
        switch token.kind {
        case .int, .uint, .double, .string, .bytes: return try literal()
        case .symbol(.minus): return try negativeLiteral()
        case .symbol(.dot):
            advance()
            return try name(isAbsolute: true, from: token.range.lowerBound)
        case .identifier: return try name(isAbsolute: false, from: token.range.lowerBound)
        case .symbol(.leftParenthesis):
            advance()
            let inner = try expression()
            try expect(.rightParenthesis)
            return inner.widened(to: token.range.lowerBound..<end)
        case .symbol(.leftBracket): return try list()
        case .symbol(.leftBrace): return try map()
        default: throw unexpected()
        }
    }

    // MARK: Literals

    private mutating func literal() throws(Stop) -> Expr {
        let token = current
        advance()
        let value: CELValue
        switch token.kind {
        case .int(let magnitude):
            guard let int = Int64(exactly: magnitude) else { throw intOverflow(token.range) }
            value = .int(int)
        case .uint(let uint): value = .uint(uint)
        case .double(let double): value = .double(double)
        case .string(let string): value = .string(string)
        case .bytes(let bytes): value = .bytes(bytes)
        default: throw unexpected()
        }
        return try make(.literal(value), token.range)
    }

    /// A number with its minus.
    private mutating func negativeLiteral() throws(Stop) -> Expr {
        let start = current.range.lowerBound
        advance()
        let token = current
        advance()
        let range = start..<token.range.upperBound
        switch token.kind {
        case .int(let magnitude):
            guard magnitude <= Int64.min.magnitude else { throw intOverflow(range) }
            return try make(.literal(.int(Int64(truncatingIfNeeded: 0 &- magnitude))), range)
        case .double(let double): return try make(.literal(.double(-double)), range)
        default: throw unexpected()
        }
    }

    private mutating func intOverflow(_ range: Range<Int>) -> Stop {
        fail(
            "the number does not fit into `int`", at: range,
            hint: "`int` has 64 bits; `uint` literals end with `u`")
    }

    // MARK: Names

    private mutating func name(isAbsolute: Bool, from start: Int) throws(Stop) -> Expr {
        let token = current
        guard case .identifier(let text) = token.kind else { throw unexpected(expected: "a name") }
        if !isAbsolute, let constant = Self.constants[text] {
            advance()
            return try make(.literal(constant), token.range)
        }
        guard !Self.reserved.contains(text), !Self.keywords.contains(text) else {
            throw fail("`\(text)` is a reserved word", at: token.range)
        }
        advance()
        let range = start..<token.range.upperBound
        if let open = take(.leftParenthesis) {
            let arguments = try self.arguments(open)
            return try invoke((isAbsolute ? "." : "") + text, range, target: nil, arguments)
        }
        if case .symbol(.leftBrace) = current.kind {
            throw fail(
                "there are no message types here", at: current.range,
                hint: "a map is written `{'key': value}`")
        }
        return try make(.identifier(.init(text: text, isAbsolute: isAbsolute)), range)
    }

    private static let constants: [String: CELValue] = [
        "true": .bool(true), "false": .bool(false), "null": .null,
    ]

    // MARK: Lists and maps

    private mutating func list() throws(Stop) -> Expr {
        let start = current.range.lowerBound
        advance()
        var elements: [Expr.Element] = []
        while take(.rightBracket) == nil {
            let isOptional = take(.question) != nil
            elements.append(.init(value: try expression(), isOptional: isOptional))
            if take(.comma) == nil {
                try expect(.rightBracket)
                break
            }
        }
        return try make(.list(elements), start..<end, elements.map(\.value))
    }

    private mutating func map() throws(Stop) -> Expr {
        let start = current.range.lowerBound
        advance()
        var entries: [Expr.Entry] = []
        while take(.rightBrace) == nil {
            let isOptional = take(.question) != nil
            let key = try expression()
            try expect(.colon)
            entries.append(.init(key: key, value: try expression(), isOptional: isOptional))
            if take(.comma) == nil {
                try expect(.rightBrace)
                break
            }
        }
        return try make(.map(entries), start..<end, entries.map(\.key) + entries.map(\.value))
    }
}
