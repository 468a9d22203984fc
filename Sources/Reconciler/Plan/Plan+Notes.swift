import JSON
import Resources
package import Store

extension Plan {
    /// The same plan with what happens to work under way. Notes change neither what is done nor the digest.
    func noting(_ facts: LiveFacts) -> Plan {
        guard facts != LiveFacts() else { return self }
        var plan = self
        for index in plan.changes.indices {
            if let note = plan.changes[index].note(facts) { plan.changes[index].notes.append(note) }
        }
        return plan
    }

    /// The same plan with when the sidecar undoes what was done outside of git; nothing for what it undoes at its next look.
    package func noting(_ drifts: [Drift], now: UnixTime) -> Plan {
        let damped = DriftDamping.damped(drifts, now: now)
        var plan = self
        for index in plan.changes.indices where plan.changes[index].isDrift {
            guard let next = damped[plan.changes[index].id] else { continue }
            plan.changes[index].notes.append(
                "it is changed outside of git again and again; the sidecar heals it next at \(next)")
        }
        return plan
    }

    /// The same plan with the circles in which new or changed workflows may set each other off.
    func notingLoops(of desired: DesiredState) -> Plan {
        let kind = ResourceKind.workflow.rawValue
        guard changes.contains(where: { $0.kind == kind && $0.action != .delete }) else { return self }
        let loops = EventLoops(desired.resources)
        var plan = self
        for index in plan.changes.indices
        where plan.changes[index].kind == kind && plan.changes[index].action != .delete {
            guard let loop = loops.message(about: plan.changes[index].name) else { continue }
            plan.changes[index].notes.append(loop)
        }
        return plan
    }
}

extension PlannedChange {
    /// What becomes of the work under way that belongs to the resource.
    fileprivate func note(_ facts: LiveFacts) -> String? {
        func count(_ counts: [String: Int]) -> Int? { counts[name].flatMap { $0 > 0 ? $0 : nil } }
        return switch ResourceKind(rawValue: kind) {
        case .subscription: count(facts.pendingDeliveries).flatMap(note(pending:))
        case .workflow: count(facts.unfinishedRuns).map(note(unfinished:))
        case .inboundEndpoint: count(facts.waitingRuns).flatMap(note(waiting:))
        case .secretReference: count(facts.secretsInUse).flatMap(note(needing:))
        default: nil
        }
    }

    /// What becomes of a reference whose secret is needed by runs that have not ended.
    private func note(needing count: Int) -> String? {
        guard action == .delete else { return nil }
        return count == 1
            ? "stays in use, hidden, until 1 run in flight that needs it has ended"
            : "stays in use, hidden, until \(count) runs in flight that need it have ended"
    }

    /// What becomes of the runs of a workflow that have not ended.
    private func note(unfinished count: Int) -> String {
        let runs = count == 1 ? "1 run in flight" : "\(count) runs in flight"
        if action == .delete { return "\(runs) will finish" }
        // Written by the planner itself.
        let form = desired.flatMap { try? JSONValue(parsing: $0.canonical) }
        if form?["spec"]?["rollout"]?.string == "cancel" { return "\(runs) will be cancelled" }
        return count == 1
            ? "\(runs) keeps the revision that it started with"
            : "\(runs) keep the revision that they started with"
    }

    /// What becomes of the runs that wait for a message of an endpoint.
    private func note(waiting count: Int) -> String? {
        guard action == .delete else { return nil }
        return "\(count == 1 ? "1 waiting run" : "\(count) waiting runs") will never be resumed by it"
    }

    /// What becomes of the pending deliveries of a subscription.
    private func note(pending: Int) -> String? {
        let deliveries = pending == 1 ? "1 pending delivery" : "\(pending) pending deliveries"
        if action == .delete { return "\(deliveries) will be cancelled" }
        let hasNewTarget = fields.contains { $0.path.hasPrefix("spec.targetURL") }
        let isSuspended = fields.contains { $0.path == "spec.suspend" && $0.after?.bool == true }
        let isResumed = fields.contains { $0.path == "spec.suspend" && $0.before?.bool == true }
        switch (hasNewTarget, isSuspended, isResumed) {
        case (_, true, _): return "\(deliveries) will wait until it is no longer suspended"
        case (true, _, true): return "\(deliveries) will be sent, to the new URL"
        case (true, _, _): return "\(deliveries) will go to the new URL"
        case (_, _, true): return "\(deliveries) will be sent"
        default: return nil
        }
    }
}
