import JSON
import Resources

extension Plan {
    /// The same plan with what happens to work under way. Notes change neither what is done nor the digest.
    func noting(_ facts: LiveFacts) -> Plan {
        guard !facts.pendingDeliveries.isEmpty else { return self }
        var plan = self
        for index in plan.changes.indices where plan.changes[index].kind == "Subscription" {
            guard let pending = facts.pendingDeliveries[plan.changes[index].name], pending > 0 else {
                continue
            }
            let note = plan.changes[index].note(pending: pending)
            if let note { plan.changes[index].notes.append(note) }
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
    /// What becomes of the pending deliveries of a subscription.
    fileprivate func note(pending: Int) -> String? {
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
