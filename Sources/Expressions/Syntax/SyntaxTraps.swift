/// Messages for what people write who know another language, or who paste from a text processor.
enum SyntaxTraps {
    /// A character that starts no token: what to say, and what to read it as.
    struct Trap {
        var code: Diagnostic.Code = .syntax
        let message: String
        var hint: String?
        var length = 1
        /// The operator that was meant, so that parsing goes on and finds the next mistake.
        var standsFor: Token.Symbol?
    }

    static func unexpected(_ scalar: Unicode.Scalar, followedBy next: Unicode.Scalar?) -> Trap {
        switch scalar {
        case "=":
            Trap(message: "`=` is not an operator", hint: "compare with `==`", standsFor: .equal)
        case "&":
            Trap(message: "`&` is not an operator", hint: "write `&&` for a logical and", standsFor: .and)
        case "|":
            Trap(message: "`|` is not an operator", hint: "write `||` for a logical or", standsFor: .or)
        case "$" where next == "{":
            Trap(
                code: .templateInCondition, message: "`${` does not belong into a condition",
                hint: "a condition is CEL without `${` and `}`; those are for payload fields", length: 2)
        case "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}", "\u{00AB}", "\u{00BB}":
            Trap(
                code: .typographicQuote, message: "`\(Character(scalar))` is a typographic quotation mark",
                hint: "quote strings with `'` or `\"`")
        case "\u{2013}", "\u{2014}", "\u{2212}":
            Trap(
                message: "`\(Character(scalar))` is a typographic dash", hint: "write `-`", standsFor: .minus)
        case "\u{00A0}", "\u{FEFF}", "\u{200B}":
            Trap(message: "there is an invisible character here", hint: "replace it with a space")
        case "#":
            Trap(message: "`#` starts no comment in an expression", hint: "comments begin with `//`")
        default:
            Trap(message: "`\(Character(scalar))` does not belong into an expression")
        }
    }

    /// A word between two operands that is an operator elsewhere.
    static func operatorWord(_ word: String) -> (hint: String, symbol: Token.Symbol)? {
        switch word {
        case "and", "AND": ("write `&&` for a logical and", .and)
        case "or", "OR": ("write `||` for a logical or", .or)
        case "is", "eq": ("compare with `==`", .equal)
        case "ne": ("compare with `!=`", .notEqual)
        case "mod": ("write `%`", .percent)
        default: nil
        }
    }
}
