/// A node of the syntax tree, after macros have been expanded.
struct Expr: Sendable {
    /// Position in the tables of the checker.
    let id: Int
    /// Where it stands in the source, in Unicode scalars.
    let range: Range<Int>
    let kind: Kind
    /// Levels of nesting below and including this node.
    let depth: Int

    /// The same node with the parentheses around it.
    func widened(to range: Range<Int>) -> Expr { Expr(id: id, range: range, kind: kind, depth: depth) }

    indirect enum Kind: Sendable {
        case literal(CELValue)
        case identifier(Name)
        case select(Selection)
        /// Operators are calls of functions such as `_+_`.
        case call(Call)
        case list([Element])
        case map([Entry])
        case comprehension(Comprehension)
        /// `cel.bind(variable, value, body)`.
        case bind(variable: Variable, value: Expr, body: Expr)
        /// `target.optMap(variable, body)` and `optFlatMap`, where the body is an optional itself.
        case optionalMap(target: Expr, variable: Variable, body: Expr, flat: Bool)
    }

    /// An identifier; with a leading dot it names a variable of the root, past containers and local variables.
    struct Name: Sendable {
        let text: String
        let isAbsolute: Bool
    }

    /// `operand.field`, `operand.?field` or `has(operand.field)`.
    struct Selection: Sendable {
        let operand: Expr
        let field: String
        let fieldRange: Range<Int>
        var isOptional = false
        var isTest = false
        /// Written in backquotes, so it is no part of a qualified name.
        var isQuoted = false
    }

    struct Call: Sendable {
        let function: String
        /// Where the function's name or the operator stands.
        let nameRange: Range<Int>
        let target: Expr?
        let arguments: [Expr]
    }

    struct Element: Sendable {
        let value: Expr
        let isOptional: Bool
    }

    struct Entry: Sendable {
        let key: Expr
        let value: Expr
        let isOptional: Bool
    }

    /// A variable that a macro introduces.
    struct Variable: Sendable {
        let name: String
        let range: Range<Int>
    }

    /// A macro that visits the elements of a list or the entries of a map.
    struct Comprehension: Sendable {
        let kind: ComprehensionKind
        let target: Expr
        /// One: elements or keys. Two: index and element, or key and value.
        let variables: [Variable]
        /// Which elements take part; only for the kinds that collect.
        let filter: Expr?
        let body: Expr
    }
}

/// What a comprehension does with the values of its body.
enum ComprehensionKind: Sendable {
    case all, exists, existsOne, filter, map, transformMap, transformMapEntry, sortBy
}
