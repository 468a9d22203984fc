/// A use of a variable, with the fields that are selected from it.
package struct Reference: Sendable, Hashable {
    package let variable: String
    /// The constant fields and keys behind the variable, as far as they go: `steps.page.outputs['key']` is
    /// `["page", "outputs", "key"]`.
    package let path: [String]
    /// The whole selection in the source, in Unicode scalars.
    package let range: Range<Int>
    /// Whether the selection provides for fields that are absent: `has(a.b)`, `a.?b`, `a[?'b']`.
    package let toleratesAbsence: Bool

    package init(variable: String, path: [String], range: Range<Int>, toleratesAbsence: Bool = false) {
        self.variable = variable
        self.path = path
        self.range = range
        self.toleratesAbsence = toleratesAbsence
    }
}

extension Reference: CustomStringConvertible {
    package var description: String { ([variable] + path).joined(separator: ".") }
}

/// Collects the variables and secrets of a checked expression, in the order of the source.
struct References {
    private let checked: CheckedExpression
    private(set) var variables: [Reference] = []
    /// The path of each is the secret's name.
    private(set) var secrets: [Reference] = []

    init(_ checked: CheckedExpression) {
        self.checked = checked
        visit(checked.tree)
    }

    private mutating func visit(_ expr: Expr) {
        if case .secret(let name) = checked.meanings[expr.id] {
            return secrets.append(Reference(variable: "secrets", path: [name], range: expr.range))
        }
        if let chain = selection(expr) {
            variables.append(
                Reference(
                    variable: chain.variable, path: chain.path, range: expr.range,
                    toleratesAbsence: chain.toleratesAbsence))
            return chain.rest.forEach { visit($0) }
        }
        expr.children.forEach { visit($0) }
    }

    private struct Chain {
        let variable: String
        var path: [String] = []
        /// The indices in the chain that are no constants, and may hold references of their own.
        var rest: [Expr] = []
        var toleratesAbsence = false

        func appending(_ key: String, tolerant: Bool) -> Chain {
            var copy = self
            // Behind an index that is computed, nobody knows which field it is.
            if rest.isEmpty { copy.path.append(key) }
            copy.toleratesAbsence = toleratesAbsence || tolerant
            return copy
        }
    }

    /// The variable that a chain of selections begins with; nil when it begins with something else.
    private func selection(_ expr: Expr) -> Chain? {
        switch (checked.meanings[expr.id], expr.kind) {
        case (.variable(let name, _), _): return Chain(variable: name)
        case (_, .select(let select)):
            return selection(select.operand)?.appending(
                select.field, tolerant: select.isTest || select.isOptional)
        case (_, .call(let call))
        where call.function == Operator.index || call.function == Operator.optionalIndex:
            guard var chain = selection(call.arguments[0]) else { return nil }
            if case .literal(.string(let key)) = call.arguments[1].kind {
                return chain.appending(key, tolerant: call.function == Operator.optionalIndex)
            }
            chain.rest.append(call.arguments[1])
            return chain
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
