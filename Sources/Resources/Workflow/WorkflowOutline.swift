/// The steps of a workflow as they are nested, read off a document, valid or not.
struct WorkflowOutline: Sendable {
    struct Step: Sendable {
        /// nil when it is missing or no string.
        let id: String?
        let node: Node
        let children: [Child]
    }

    /// The steps inside of a step.
    struct Child: Sendable {
        let role: Role
        /// From the step: `.switch.cases[0].steps`.
        let place: String
        let steps: [Step]
    }

    enum Role: Sendable, Equatable {
        /// A case of a `switch`, or its default.
        case option
        /// Of `parallel`.
        case branch
        /// The body of a `forEach`, with the name that it gives to the element.
        case loop(element: String)
        /// Of `catch`.
        case handler
    }

    /// `steps`, `onFailure` and `finally`, in the order in which they run.
    let lists: [(place: String, steps: [Step])]

    init(_ spec: Node?) {
        lists = ["steps", "onFailure", "finally"].map { name in
            ("spec.\(name)", Self.steps(spec?[name]))
        }
    }

    private static func steps(_ list: Node?) -> [Step] {
        (list?.elements ?? []).map { node in
            Step(id: node["id"]?.string, node: node, children: children(of: node))
        }
    }

    private static func children(of step: Node) -> [Child] {
        var children: [Child] = []
        for (index, option) in (step["switch"]?["cases"]?.elements ?? []).enumerated() {
            children.append(
                Child(role: .option, place: ".switch.cases[\(index)].steps", steps: steps(option["steps"])))
        }
        if let otherwise = step["switch"]?["default"] {
            children.append(Child(role: .option, place: ".switch.default", steps: steps(otherwise)))
        }
        for name in step["parallel"]?["branches"]?.keys ?? [] {
            children.append(
                Child(
                    role: .branch, place: ".parallel.branches.\(name)",
                    steps: steps(step["parallel"]?["branches"]?[name])))
        }
        if let loop = step["forEach"] {
            children.append(
                Child(
                    role: .loop(element: loop["as"]?.string ?? StepSchema.defaultElement),
                    place: ".forEach.steps", steps: steps(loop["steps"])))
        }
        for (index, handler) in (step["catch"]?.elements ?? []).enumerated() {
            children.append(
                Child(role: .handler, place: ".catch[\(index)].steps", steps: steps(handler["steps"])))
        }
        return children
    }
}

extension WorkflowOutline {
    /// Calls `body` with every step, each before those inside of it, and with how deep its list is nested, from 1.
    func forEachStep(_ body: (Step, _ depth: Int) -> Void) {
        for list in lists { Self.visit(list.steps, 1, body) }
    }

    private static func visit(_ steps: [Step], _ depth: Int, _ body: (Step, Int) -> Void) {
        for step in steps {
            body(step, depth)
            for child in step.children { visit(child.steps, depth + 1, body) }
        }
    }
}

extension Node {
    /// The keys of a mapping.
    var keys: [String]? { entries.map { $0.map(\.key) } }

    /// The members of a mapping.
    var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    /// The elements of a list.
    var elements: [Node]? {
        guard case .sequence(let nodes) = content else { return nil }
        return nodes
    }

    /// A member of a mapping with its key.
    func entry(_ key: String) -> Entry? { entries?.first { $0.key == key } }
}
