/// Which steps an expression can look at: those that have run whenever it is evaluated.
///
/// - Steps before it in its own list and in the lists around it, with what is inside of them. Those of a `switch`, a
///   `catch` or behind an `if` may have been skipped.
/// - Inside of a `forEach`, those of the same round; from outside, nothing of the rounds.
/// - In `onFailure` the steps of the run, in `finally` those of `onFailure` too.
///
/// Steps of another branch run at the same time, those of another case not at all: neither can be seen.
extension WorkflowShape {
    /// - Parameter path: where the expression stands, such as `spec.steps[0].if`.
    init(_ outline: WorkflowOutline, vars: [String], at path: String) {
        self.vars = vars
        guard let current = outline.lists.firstIndex(where: { path.hasPrefix($0.place + "[") }) else {
            return
        }
        hasError = outline.lists[current].place == "spec.onFailure"
        for list in outline.lists { addCallbacks(list.steps, list.place, path) }
        for (index, list) in outline.lists.enumerated() {
            if index < current {
                show(list.steps)
            } else if index > current {
                hide(list.steps, Self.later)
            } else {
                enter(list.steps, path.dropFirst(list.place.count))
            }
        }
    }

    private static let later = "it runs later"

    /// - Parameter path: from the list, beginning with `[`.
    private mutating func enter(_ list: [WorkflowOutline.Step], _ path: Substring) {
        guard let end = path.firstIndex(of: "]"), let index = Int(path[path.startIndex..<end].dropFirst()),
            list.indices.contains(index)
        else { return }
        show(list[..<index])
        hide(list[(index + 1)...], Self.later)
        enter(list[index], path[path.index(after: end)...])
    }

    /// - Parameter path: from the step, such as `.http.url`.
    private mutating func enter(_ step: WorkflowOutline.Step, _ path: Substring) {
        let isOfOutputs = path.hasPrefix(".outputs.")
        if isOfOutputs || path == ".http.expect" {
            response =
                step.node["http"] != nil
                ? .http : .action(Outputs(ofAction: step.node, isSeenByOutputs: true))
        }
        let isHandled = path.hasPrefix(".catch[")
        if isHandled { hasError = true }
        if let id = step.id {
            hidden[id] =
                isHandled
                ? "its error is what is handled here: see `error`"
                : "it has not finished yet" + (isOfOutputs ? ": see `response`" : "")
        }
        let around = step.children.firstIndex { path.hasPrefix($0.place + "[") }
        conditions += Self.conditions(before: path, in: step)
        for (index, child) in step.children.enumerated() {
            if index == around {
                if case .loop(let element) = child.role { elements.append(element) }
                enter(child.steps, path.dropFirst(child.place.count))
            } else if isOfOutputs || isHandled && child.role != .handler || child.isDone(at: path) {
                show(child, of: step)
            } else {
                hide(
                    child.steps,
                    Self.reason(child.role, of: step, seenFrom: around.map { step.children[$0].role }))
            }
        }
    }

    /// The conditions that were looked at before an expression of the step, or inside of it, is evaluated.
    private static func conditions(before path: Substring, in step: WorkflowOutline.Step) -> [String] {
        var seen = path == ".if" ? [] : [step.node]
        for (index, option) in (step.node["switch"]?["cases"]?.elements ?? []).enumerated()
        where path.hasPrefix(".switch.") {
            let place = ".switch.cases[\(index)]"
            if path == place + ".if" { break }
            seen.append(option)
            if path.hasPrefix(place + ".") { break }
        }
        return seen.compactMap { $0["if"]?.string }
    }

    private static func reason(
        _ role: WorkflowOutline.Role, of step: WorkflowOutline.Step, seenFrom own: WorkflowOutline.Role?
    ) -> String {
        let name = step.id.map { "`\($0)`" } ?? "the step"
        switch (role, own) {
        case (.option, .option?): return "it is in another case of \(name)"
        case (.branch, .branch?): return "it is in another branch of \(name), which runs at the same time"
        case (.handler, .handler?): return "it handles other errors of \(name)"
        default: return later
        }
    }

    // MARK: What has run

    private mutating func show(_ steps: some Sequence<WorkflowOutline.Step>) {
        for step in steps { show(step) }
    }

    private mutating func show(_ step: WorkflowOutline.Step) {
        if let id = step.id {
            hidden[id] = nil
            steps.append(Step(id: id, outputs: Outputs(step.node)))
        }
        for child in step.children { show(child, of: step) }
    }

    private mutating func show(_ child: WorkflowOutline.Child, of step: WorkflowOutline.Step) {
        guard case .loop = child.role else { return show(child.steps) }
        hide(child.steps, Self.manyTimes(step))
    }

    private static func manyTimes(_ loop: WorkflowOutline.Step) -> String {
        "it runs once for each element\(loop.id.map { " of `\($0)`" } ?? "")"
    }

    private mutating func hide(_ steps: some Sequence<WorkflowOutline.Step>, _ reason: String) {
        for step in steps {
            if let id = step.id { hidden[id] = reason }
            for child in step.children {
                if case .loop = child.role {
                    hide(child.steps, Self.manyTimes(step))
                } else {
                    hide(child.steps, reason)
                }
            }
        }
    }

    // MARK: Callbacks

    /// The steps that wait for their URL: it is known from the start, and in a loop another one for each round.
    private mutating func addCallbacks(_ steps: [WorkflowOutline.Step], _ place: String, _ path: String) {
        for (index, step) in steps.enumerated() {
            if step.node["waitFor"]?["callback"] != nil, let id = step.id { callbacks.append(id) }
            for child in step.children {
                let inner = "\(place)[\(index)]\(child.place)"
                if case .loop = child.role, !path.hasPrefix(inner + "[") { continue }
                addCallbacks(child.steps, inner, path)
            }
        }
    }
}

extension WorkflowOutline.Child {
    /// Whether the expression is one of the outputs of a handler, which has run its steps by then.
    fileprivate func isDone(at path: Substring) -> Bool {
        role == .handler && path.hasPrefix(place.dropLast(".steps".count) + ".outputs.")
    }
}

extension WorkflowShape.Outputs {
    /// Declared outputs take the place of what the action came to; those of a handler take theirs.
    init(_ step: Node) {
        if let names = step["outputs"]?.keys {
            self = .named(names)
        } else {
            self.init(ofAction: step, isSeenByOutputs: false)
        }
        let handled = (step["catch"]?.elements ?? []).flatMap { $0["outputs"]?.keys ?? [] }
        guard !handled.isEmpty else { return }
        switch self {
        case .named(let names): self = .named(Self.merged(names, handled))
        case .status: self = .named(Self.merged(["status"], handled))
        case .open, .wait, .record, .loop: self = .open
        }
    }

    private static func merged(_ names: [String], _ others: [String]) -> [String] {
        others.reduce(into: names) { names, name in if !names.contains(name) { names.append(name) } }
    }

    /// - Parameter isSeenByOutputs: where more is to be seen than stays.
    init(ofAction step: Node, isSeenByOutputs: Bool) {
        if let names = step["set"]?.keys {
            self = .named(names)
        } else if step["http"] != nil {
            self = .status
        } else if let wait = step["waitFor"] {
            // A wait that fails with its time has no outputs at all.
            self = .wait(isCertain: wait["onTimeout"]?.string != "continue")
        } else if let (record, flag, isCertain) = Self.record(of: step) {
            self = .record(record, flag: flag, isCertain: isCertain)
        } else if step["forEach"] != nil {
            self = isSeenByOutputs ? .loop : .named(["count"])
        } else {
            self = .open
        }
    }

    private static func record(of step: Node) -> (RecordType, flag: String?, isCertain: Bool)? {
        for (action, flag) in [("create", nil), ("update", nil), ("upsert", "created"), ("find", "found")] {
            guard let name = step[action]?["record"]?.string, let record = RecordType(rawValue: name) else {
                continue
            }
            return (record, flag, action != "find")
        }
        return nil
    }
}
