/// A use of a variable, with the fields that are selected from it.
package struct Reference: Sendable, Hashable {
    package let variable: String
    /// The constant fields and keys behind the variable, as far as they go: `steps.page.outputs['key']` is
    /// `["page", "outputs", "key"]`.
    package let path: [String]
    /// The whole selection in the source, in Unicode scalars.
    package let range: Range<Int>

    package init(variable: String, path: [String], range: Range<Int>) {
        self.variable = variable
        self.path = path
        self.range = range
    }
}

extension Reference: CustomStringConvertible {
    package var description: String { ([variable] + path).joined(separator: ".") }
}

/// Collects the variables and secrets of a checked expression, in the order of the source.
struct References {
    private let checked: CheckedExpression
    private(set) var variables: [Reference] = []
    private(set) var secrets: [String] = []

    init(_ checked: CheckedExpression) {
        self.checked = checked
        visit(checked.tree)
    }

    private mutating func visit(_ expr: Expr) {
        if case .secret(let name) = checked.meanings[expr.id] {
            if !secrets.contains(name) { secrets.append(name) }
            return
        }
        if let (variable, path, rest) = selection(expr) {
            variables.append(Reference(variable: variable, path: path, range: expr.range))
            return rest.forEach { visit($0) }
        }
        expr.children.forEach { visit($0) }
    }

    /// The variable that a chain of selections begins with; nil when it begins with something else.
    ///
    /// - Returns: also the indices in the chain that are no constants, and may hold references of their own.
    private func selection(_ expr: Expr) -> (variable: String, path: [String], rest: [Expr])? {
        switch (checked.meanings[expr.id], expr.kind) {
        case (.variable(let name, _), _): return (name, [], [])
        case (_, .select(let select)):
            guard let (name, path, rest) = selection(select.operand) else { return nil }
            return (name, rest.isEmpty ? path + [select.field] : path, rest)
        case (_, .call(let call))
        where call.function == Operator.index || call.function == Operator.optionalIndex:
            guard let (name, path, rest) = selection(call.arguments[0]) else { return nil }
            if case .literal(.string(let key)) = call.arguments[1].kind, rest.isEmpty {
                return (name, path + [key], [])
            }
            return (name, path, rest + [call.arguments[1]])
        default: return nil
        }
    }
}

extension Expr {
    /// The nodes directly below this one.
    var children: [Expr] {
        switch kind {
        case .literal, .identifier: []
        case .select(let selection): [selection.operand]
        case .call(let call): (call.target.map { [$0] } ?? []) + call.arguments
        case .list(let elements): elements.map(\.value)
        case .map(let entries): entries.flatMap { [$0.key, $0.value] }
        case .comprehension(let comprehension):
            [comprehension.target] + (comprehension.filter.map { [$0] } ?? []) + [comprehension.body]
        case .bind(_, let value, let body): [value, body]
        case .optionalMap(let target, _, let body, _): [target, body]
        }
    }
}
