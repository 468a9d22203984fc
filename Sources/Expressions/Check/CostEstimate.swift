/// What the most expensive evaluation of an expression costs, with assumptions about sizes that are not known.
struct CostEstimate {
    private let checked: CheckedExpression
    private let assumed: Declarations.AssumedSizes
    /// Sizes of the local variables in scope, by slot.
    private var locals: [Int: Int] = [:]
    private(set) var total = 0

    init(_ checked: CheckedExpression, _ assumed: Declarations.AssumedSizes) {
        self.checked = checked
        self.assumed = assumed
        total = estimate(checked.tree).cost
    }

    private typealias Part = (cost: Int, size: Int)

    private mutating func estimate(_ expr: Expr) -> Part {
        switch expr.kind {
        case .literal(let value): return (0, value.size)
        case .identifier: return (Cost.access, size(of: expr))
        case .select(let selection):
            if case .variable = checked.meanings[expr.id] { return (Cost.access, size(of: expr)) }
            return (Cost.add(estimate(selection.operand).cost, Cost.access), size(of: expr))
        case .call(let call): return estimate(call, expr)
        case .list(let elements):
            return (
                elements.reduce(Cost.createList) { Cost.add($0, estimate($1.value).cost) }, elements.count
            )
        case .map(let entries):
            let cost = entries.reduce(Cost.createMap) {
                Cost.add($0, Cost.add(estimate($1.key).cost, estimate($1.value).cost))
            }
            return (cost, entries.count)
        case .comprehension(let comprehension): return estimate(comprehension, expr)
        case .bind(_, let value, let body): return estimate(value, then: body, expr)
        case .optionalMap(let target, _, let body, _): return estimate(target, then: body, expr)
        }
    }

    private mutating func estimate(_ value: Expr, then body: Expr, _ expr: Expr) -> Part {
        let value = estimate(value)
        if case .local(let slot) = checked.meanings[expr.id] { locals[slot] = value.size }
        let body = estimate(body)
        return (Cost.add(value.cost, body.cost), body.size)
    }

    private mutating func estimate(_ comprehension: Expr.Comprehension, _ expr: Expr) -> Part {
        let target = estimate(comprehension.target)
        if case .local(let slot) = checked.meanings[expr.id] {
            for offset in comprehension.variables.indices { locals[slot + offset] = nil }
        }
        let filter = comprehension.filter.map { estimate($0).cost } ?? 0
        let pass = Cost.add(
            Cost.add(filter, estimate(comprehension.body).cost), Cost.iteration(comprehension.kind))
        let collected = Cost.add(pass, Cost.collect(comprehension.kind))
        return (Cost.add(target.cost, Cost.multiply(target.size, collected)), target.size)
    }

    private mutating func estimate(_ call: Expr.Call, _ expr: Expr) -> Part {
        var arguments = call.arguments.map { estimate($0) }
        if let target = call.target, !isNamespace(expr) { arguments.insert(estimate(target), at: 0) }
        let operands = arguments.reduce(0) { Cost.add($0, $1.cost) }
        if call.function == Operator.conditional {
            return (
                Cost.add(arguments[0].cost, max(arguments[1].cost, arguments[2].cost)),
                max(arguments[1].size, arguments[2].size)
            )
        }
        let total = arguments.reduce(0) { Cost.add($0, $1.size) }
        let (first, second) = (arguments.first?.size ?? 1, arguments.dropFirst().first?.size ?? 1)
        return (
            Cost.add(operands, cost(of: call, expr).units(first: first, second: second, total: total)),
            resultSize(call, expr, total)
        )
    }

    private func isNamespace(_ expr: Expr) -> Bool {
        if case .functions(_, let isNamespaced) = checked.meanings[expr.id] { isNamespaced } else { false }
    }

    private func cost(of call: Expr.Call, _ expr: Expr) -> CallCost {
        switch call.function {
        case Operator.add: .traverseAll
        case Operator.in: .elements
        default:
            if case .functions(let functions, _) = checked.meanings[expr.id], let function = functions.first {
                function.cost
            } else {
                .unit
            }
        }
    }

    private func resultSize(_ call: Expr.Call, _ expr: Expr, _ argumentSizes: Int) -> Int {
        call.function == Operator.add ? argumentSizes : size(of: expr)
    }

    /// What is assumed for a value of the node's type.
    private func size(of expr: Expr) -> Int {
        if case .local(let slot) = checked.meanings[expr.id], let size = locals[slot] { return size }
        return switch checked.types[expr.id] {
        case .list, .map: assumed.elements
        case .string, .bytes, .dyn, .wrapper(.string): assumed.bytes
        case .record(let record): record.isOpen ? assumed.elements : record.fields.count
        default: 1
        }
    }
}
