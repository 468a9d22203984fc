import Expressions
import Resources

/// Which events a form of a subscription or a workflow would have taken.
struct EventMatcher {
    private struct Clause {
        let takes: (String) -> Bool
        /// nil takes every event that it names.
        let condition: Program?
    }

    private let clauses: [Clause]

    /// nil for kinds that take no events, and for a condition that does not compile.
    init?(_ resource: Resource) {
        do {
            switch resource.spec {
            case .subscription(let spec):
                let context = ExpressionContext(.subscriptionFilter, event: EventShape(spec.events))
                let condition = try spec.filter.map {
                    try Program.compile($0, in: context.declarations, expecting: .bool)
                }
                clauses = [
                    Clause(
                        takes: { type in spec.events.contains { $0.matches(type) } }, condition: condition)
                ]
            case .workflow(let spec): clauses = try spec.triggers.compactMap(Self.clause)
            default: return nil
            }
        } catch {
            return nil
        }
        guard !clauses.isEmpty else { return nil }
    }

    /// nil for a trigger that is no event: a schedule, a person.
    private static func clause(_ trigger: WorkflowSpec.Trigger) throws -> Clause? {
        let shape: EventShape
        let takes: (String) -> Bool
        switch trigger.source {
        case .event(let pattern): (shape, takes) = (EventShape([pattern]), { pattern.matches($0) })
        case .inbound(let name): (shape, takes) = (.inbound, { $0 == "inbound.\(name)" })
        case .schedule, .manual: return nil
        }
        let context = ExpressionContext(.workflowStart, event: shape)
        return Clause(
            takes: takes,
            condition: try trigger.condition.map {
                try Program.compile($0, in: context.declarations, expecting: .bool)
            })
    }

    enum Match {
        case yes, no
        /// The condition has no value on this event.
        case failure
        /// What evaluations may use up together does not suffice for this one.
        case unfinished
    }

    /// - Parameter work: units of cost that may be used up; less what this took.
    func match(_ event: PastEvent, work: inout Int) -> Match {
        var result = Match.no
        for clause in clauses where clause.takes(event.type) {
            guard let condition = clause.condition else { return .yes }
            let isShort = work < Cost.defaultLimit
            do throws(EvaluationError) {
                if try condition.holds(event.variables, budget: &work) { return .yes }
            } catch {
                if isShort, error.code == .costLimit { return .unfinished }
                result = .failure
            }
        }
        return result
    }
}
