/// A syntax tree with what the checker found out about its nodes.
struct CheckedExpression {
    let tree: Expr
    /// By the nodes' ids.
    let types: [CELType]
    let meanings: [Int: Meaning]
    /// How many local variables are in scope at once.
    let localCount: Int
    let diagnostics: [Diagnostic]

    var resultType: CELType { types[tree.id] }

    /// What a name stands for.
    enum Meaning {
        /// A variable of the environment and its place among the declarations.
        case variable(String, index: Int)
        /// A variable of a macro; also noted for the node that introduces it, with its first slot.
        case local(slot: Int)
        case type(String)
        /// The functions that may be meant; the values decide among several.
        case functions([Function], isNamespaced: Bool)
        case secret(String)
    }
}
