/// One lexical element of a source, with its place in Unicode scalars.
struct Token: Sendable {
    let kind: Kind
    let range: Range<Int>

    enum Kind: Sendable, Equatable {
        case identifier(String)
        /// A field name in backquotes; only allowed after a dot.
        case quotedIdentifier(String)
        /// Digits without a sign; the parser folds a minus into it, so that the smallest `int` can be written.
        case int(magnitude: UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(Symbol)
        case end
    }

    /// Operators and punctuation; the raw value is how they are written.
    enum Symbol: String, Sendable {
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBracket = "["
        case rightBracket = "]"
        case leftBrace = "{"
        case rightBrace = "}"
        case dot = "."
        case comma = ","
        case colon = ":"
        case question = "?"
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case percent = "%"
        case not = "!"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "&&"
        case or = "||"
    }

    /// How the token is named in a message.
    var text: String {
        switch kind {
        case .identifier(let name): "`\(name)`"
        case .quotedIdentifier(let name): "`` `\(name)` ``"
        case .int, .uint, .double: "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .symbol(let symbol): "`\(symbol.rawValue)`"
        case .end: "the end of the expression"
        }
    }
}
