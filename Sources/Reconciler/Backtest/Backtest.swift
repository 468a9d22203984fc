import Resources
package import Store

/// What changed filters and triggers would have made of the events that are stored: notes of a plan.
package enum Backtest {
    /// How many of the newest events are looked at.
    package static let eventLimit = 1_000
    /// Changes beyond it are not looked at: each costs one evaluation for each event.
    static let changeLimit = 50

    /// Whether there is anything to find out.
    package static func isNeeded(_ plan: Plan) -> Bool { plan.changes.contains(where: isConcerned) }

    /// The plan with a note at each subscription and workflow whose events change.
    ///
    /// - Parameters:
    ///   - live: the resources of the serial that the plan was made against.
    ///   - events: newest first.
    package static func noting(
        _ plan: Plan, live: [LiveResource], events: [PastEvent], budget: BacktestBudget = BacktestBudget()
    ) -> Plan {
        guard !events.isEmpty else { return plan }
        var plan = plan
        let forms = Dictionary(live.map { ("\($0.kind)/\($0.name)", $0.canonical) }) { first, _ in first }
        let concerned = plan.changes.indices.filter { isConcerned(plan.changes[$0]) }
        var budget = budget
        for (place, index) in concerned.prefix(changeLimit).enumerated() {
            let change = plan.changes[index]
            guard let desired = change.desired, let after = matcher(desired.canonical) else { continue }
            let before = forms[change.id].flatMap(matcher)
            let trial = budget.sharing(among: min(concerned.count, changeLimit) - place) {
                BacktestTrial(before, after, events, &$0)
            }
            plan.changes[index].notes.append(
                note(change.kind, trial, isUpdate: before != nil, of: events.count))
        }
        for index in concerned.dropFirst(changeLimit) {
            plan.changes[index].notes.append("not tried on stored events: the plan has too many such changes")
        }
        return plan
    }

    private static func isConcerned(_ change: PlannedChange) -> Bool {
        switch (change.kind, change.action) {
        case (_, .delete): false
        case ("Subscription", .create), ("Workflow", .create): true
        case ("Subscription", .update):
            change.fields.contains { $0.path == "spec.filter" || MemberPath.contains("spec.events", $0.path) }
        case ("Workflow", .update):
            change.fields.contains { MemberPath.contains("spec.triggers", $0.path) }
        default: false
        }
    }

    /// nil when the form takes no events, or is not read by this version.
    private static func matcher(_ canonical: String) -> EventMatcher? {
        do { return EventMatcher(try Resource(canonical: canonical)) } catch { return nil }
    }

    /// `would have delivered 37 of the last 1,000 events, was 12`
    private static func note(_ kind: String, _ trial: BacktestTrial, isUpdate: Bool, of count: Int) -> String
    {
        guard trial.events > 0 else {
            return "not tried on stored events: \(reason(trial.end))"
        }
        let verb = kind == "Workflow" ? "started on" : "delivered"
        let all = "the last \(grouped(trial.events)) event\(trial.events == 1 ? "" : "s")"
        var text = "would have \(verb) \(grouped(trial.after)) of \(all)"
        if isUpdate { text += ", was \(grouped(trial.before))" }
        if trial.failures > 0 { text += "; its condition fails on \(grouped(trial.failures))" }
        if trial.events < count {
            text += "; not tried on the \(grouped(count - trial.events)) before: \(reason(trial.end))"
        }
        return text
    }

    private static func reason(_ end: BacktestTrial.End) -> String {
        switch end {
        case .events, .work: "that costs too much work"
        case .time: "that takes too long"
        }
    }

    /// `1,000`
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            let isGroup = index > 0 && (digits.count - index) % 3 == 0
            return (isGroup ? "," : "") + String(digits[index])
        }.joined()
    }
}
