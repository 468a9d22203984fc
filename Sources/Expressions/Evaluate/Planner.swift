/// Makes the tree of nodes that a program runs from a checked syntax tree.
///
/// Names have become positions and functions by then; parts without variables are evaluated once, here.
struct Planner {
    private let checked: CheckedExpression
    /// Every part notes its value; nothing is merged or evaluated ahead.
    private let traces: Bool

    private init(_ checked: CheckedExpression, traces: Bool) {
        self.checked = checked
        self.traces = traces
    }

    static func plan(_ checked: CheckedExpression, traces: Bool = false) -> Node {
        Planner(checked, traces: traces).node(checked.tree)
    }

    /// What evaluating a part ahead may cost; more is left to the run.
    private static let foldingLimit = 1000

    private func node(_ expr: Expr) -> Node {
        let node = make(expr)
        if traces {
            if case .literal = expr.kind { return node }
            return TracedNode(node)
        }
        return node
    }

    private func make(_ expr: Expr) -> Node {
        if case .secret(let name) = checked.meanings[expr.id] {
            return ConstantNode(.secret(SecretText(secret: name)), expr.range)
        }
        switch expr.kind {
        case .literal(let value): return ConstantNode(value, expr.range)
        case .identifier(let name): return named(expr) ?? unknown(name.text, expr)
        case .select(let selection): return named(expr) ?? select(selection, expr)
        case .call(let call): return self.call(call, expr)
        case .list(let elements): return list(elements, expr)
        case .map(let entries): return map(entries, expr)
        case .comprehension(let comprehension): return self.comprehension(comprehension, expr)
        case .bind(_, let value, let body):
            return BindNode(slot: slot(expr), node(value), node(body), expr.range)
        case .optionalMap(let target, _, let body, let flat):
            return OptionalMapNode(node(target), slot: slot(expr), node(body), flat: flat, expr.range)
        }
    }

    // MARK: Names

    private func named(_ expr: Expr) -> Node? {
        switch checked.meanings[expr.id] {
        case .variable(let name, let index): VariableNode(name, hint: index, expr.range)
        case .local(let slot): LocalNode(slot: slot, expr.range)
        case .type(let name): ConstantNode(.type(.init(name)), expr.range)
        default: nil
        }
    }

    private func unknown(_ name: String, _ expr: Expr) -> Node {
        FailureNode(EvaluationError(.unknownName, "there is no variable `\(name)`"), expr.range)
    }

    private func slot(_ expr: Expr) -> Int {
        guard case .local(let slot) = checked.meanings[expr.id] else {
            preconditionFailure("a macro without a slot")
        }
        return slot
    }

    private func select(_ selection: Expr.Selection, _ expr: Expr) -> Node {
        let operand = node(selection.operand)
        if selection.isTest || selection.isOptional {
            return FieldNode(operand, selection.field, isTest: selection.isTest, expr.range)
        }
        if let path = operand as? PathNode { return path.appending(selection.field, expr.range) }
        return PathNode(operand, [selection.field], expr.range)
    }

    // MARK: Calls

    private func call(_ call: Expr.Call, _ expr: Expr) -> Node {
        switch call.function {
        case Operator.and, Operator.or:
            return LogicNode(call.arguments.map(node), deciding: call.function == Operator.or, expr.range)
        case Operator.conditional:
            return ConditionalNode(
                node(call.arguments[0]), node(call.arguments[1]), node(call.arguments[2]), expr.range)
        default: break
        }
        guard case .functions(let functions, let isNamespaced) = checked.meanings[expr.id], !functions.isEmpty
        else {
            return FailureNode(
                EvaluationError(.unknownName, "there is no function `\(call.function)`"), expr.range)
        }
        let arguments = ((isNamespaced ? nil : call.target).map { [$0] } ?? []) + call.arguments
        let nodes = arguments.map(node)
        return folded(self.call(call.function, functions, nodes, expr.range), from: nodes)
    }

    private func call(_ name: String, _ functions: [Function], _ arguments: [Node], _ range: Range<Int>)
        -> Node
    {
        if let special = special(name, functions, arguments, range) { return special }
        if functions.count == 1 {
            switch (functions[0].body, arguments.count) {
            case (.unary(let body), 1): return UnaryCallNode(arguments[0], body, functions[0].cost, range)
            case (.binary(let body), 2):
                return BinaryCallNode(arguments[0], arguments[1], body, functions[0].cost, range)
            default: break
            }
        }
        return CallNode(name, arguments, functions, range)
    }

    /// Calls that have a node of their own.
    private func special(_ name: String, _ functions: [Function], _ arguments: [Node], _ range: Range<Int>)
        -> Node?
    {
        guard arguments.count == 2 else { return nil }
        switch name {
        case Operator.equal, Operator.notEqual:
            return EqualityNode(arguments[0], arguments[1], isNegated: name == Operator.notEqual, range)
        case "or" where functions[0].isMethod, "orValue" where functions[0].isMethod:
            return OptionalOrNode(arguments[0], arguments[1], unwraps: name == "orValue", range)
        case "matches":
            guard case .string(let pattern) = arguments[1].constant else {
                return nil
            }
            do throws(EvaluationError) {
                let expression = try RegularExpression(pattern)
                return MatchesNode(arguments[0], expression, patternSize: pattern.utf8.count, range)
            } catch {
                return FailureNode(error, range)
            }
        default: return nil
        }
    }

    /// The node, or the constant that it yields when all of its children are constants.
    private func folded(_ node: Node, from children: [Node]) -> Node {
        guard !traces, children.allSatisfy({ $0.constant != nil }) else { return node }
        var evaluation = Evaluation(Activation(), limit: Self.foldingLimit, localCount: 0)
        do throws(EvaluationError) {
            return ConstantNode(try node.evaluate(&evaluation), node.range)
        } catch {
            // It may stand where it is never evaluated, or where its error is absorbed: the run decides.
            return node
        }
    }

    // MARK: Collections and macros

    private func list(_ elements: [Expr.Element], _ expr: Expr) -> Node {
        let nodes = elements.map { (node: node($0.value), isOptional: $0.isOptional) }
        return folded(ListNode(nodes, expr.range), from: nodes.map(\.node))
    }

    private func map(_ entries: [Expr.Entry], _ expr: Expr) -> Node {
        let nodes = entries.map { (key: node($0.key), value: node($0.value), isOptional: $0.isOptional) }
        return folded(MapNode(nodes, expr.range), from: nodes.flatMap { [$0.key, $0.value] })
    }

    private func comprehension(_ comprehension: Expr.Comprehension, _ expr: Expr) -> Node {
        let passes = Passes(
            target: node(comprehension.target), slot: slot(expr), isPair: comprehension.variables.count == 2,
            kind: comprehension.kind)
        switch comprehension.kind {
        case .all, .exists, .existsOne: return QuantifierNode(passes, node(comprehension.body), expr.range)
        default:
            return CollectNode(
                passes, filter: comprehension.filter.map(node), node(comprehension.body), expr.range)
        }
    }
}
