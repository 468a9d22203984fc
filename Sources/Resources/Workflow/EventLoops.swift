internal import Expressions
internal import JSON

/// The workflows that may set each other off in a circle, by the events that their steps cause.
///
/// What a condition lets through is only known at run time; an event whose written-out values fail a trigger's `if`
/// whatever the rest may be is left out. The run itself is protected: a workflow is not started by its own chain for the
/// same record, and a chain has a greatest depth.
package struct EventLoops: Sendable {
    fileprivate struct Participant {
        let name: String
        let triggers: [Trigger]
        let events: [CausedEvent]
        let calls: [String]
        let allowsSelf: Bool
    }

    fileprivate struct Trigger {
        let pattern: EventPattern
        /// nil where the events that may come cannot be excluded.
        let condition: Program?
    }

    private struct Edge {
        let label: String
        let target: String
    }

    /// Edges that are looked at, after which no further loop is found.
    private static let limit = 100_000

    private var loops: [String: String] = [:]

    package init(_ resources: some Sequence<Resource>) {
        var nodes: [String: Participant] = [:]
        for resource in resources {
            guard case .workflow(let spec) = resource.spec else { continue }
            nodes[resource.id.name] = Participant(resource.id.name, spec)
        }
        var budget = Self.limit
        for name in nodes.keys.sorted() where budget > 0 {
            if let path = Self.loop(from: name, nodes, &budget) { loops[name] = path }
        }
    }

    /// `a` → ticket.updated → `b` → custom.done → `a`, where a run of the workflow may start it again.
    package func message(about workflow: String) -> String? {
        loops[workflow].map { "`\(workflow)` may set itself off: \($0)" }
    }

    /// The shortest way back to a workflow that leads over an event.
    private static func loop(from start: String, _ nodes: [String: Participant], _ budget: inout Int)
        -> String?
    {
        var ways: [String: String] = [start: "`\(start)`"]
        var queue = [start]
        while !queue.isEmpty, budget > 0 {
            let current = queue.removeFirst()
            for edge in edges(from: nodes[current]!, nodes, &budget) {
                let way = "\(ways[current]!) → \(edge.label) → `\(edge.target)`"
                // Types of events have a dot, names of workflows none; a circle of calls alone is an error of its own.
                if edge.target == start, way.contains(".") { return way }
                if ways[edge.target] == nil {
                    ways[edge.target] = way
                    queue.append(edge.target)
                }
            }
        }
        return nil
    }

    private static func edges(from node: Participant, _ nodes: [String: Participant], _ budget: inout Int)
        -> [Edge]
    {
        var edges = node.calls.filter { nodes[$0] != nil }.map { Edge(label: "call", target: $0) }
        for name in nodes.keys.sorted() {
            let target = nodes[name]!
            budget -= 1
            let event = node.events.first { event in
                let isOwn = name == node.name && event.isAboutTrigger && !node.allowsSelf
                return !isOwn && target.triggers.contains { $0.mayTake(event) }
            }
            if let event { edges.append(Edge(label: event.type, target: name)) }
        }
        return edges
    }
}

extension EventLoops.Participant {
    fileprivate init(_ name: String, _ spec: WorkflowSpec) {
        let steps = (spec.steps + spec.onFailure + spec.finally).flatMap(\.withInner)
        self.init(
            name: name, triggers: spec.triggers.compactMap(EventLoops.Trigger.init),
            events: CausedEvent.all(of: spec),
            calls: steps.compactMap { step in
                if case .call(let workflow, _) = step.action { workflow } else { nil }
            }, allowsSelf: spec.loops.allowSelf)
    }
}

extension EventLoops.Trigger {
    /// nil for what events do not start.
    fileprivate init?(_ trigger: WorkflowSpec.Trigger) {
        guard case .event(let pattern) = trigger.source else { return nil }
        self.init(pattern: pattern, condition: trigger.condition.flatMap(Self.program))
    }

    private static func program(_ condition: String) -> Program? {
        do {
            let declarations = ExpressionContext(.workflowStart, event: .open).declarations
            let program = try Program.compile(condition, in: declarations, expecting: .bool)
            // What is not there now may be there then.
            return program.references.contains(where: \.toleratesAbsence) ? nil : program
        } catch {
            // It compiles in its own context, where more is known; here it decides nothing.
            return nil
        }
    }

    /// False when the condition cannot hold: a comparison fails for a value that is written out. What is unknown is an
    /// error to the condition, and `false && error` is false.
    fileprivate func mayTake(_ event: CausedEvent) -> Bool {
        guard pattern.matches(event.type) else { return false }
        guard let condition else { return true }
        let value: JSONValue = ["type": .string(event.type), "data": .object(event.data)]
        do { return try condition.holds(Activation(["event": CELValue(value)])) } catch { return true }
    }
}
