import JSON
import Resources
import WorkflowEngine

/// Starting runs: the rules of a workflow, decided by the engine and worked out again from the world's own tables.
extension World {
    func start(
        _ workflow: WorldWorkflow, _ candidate: StartCandidate, _ event: TriggerEvent,
        caller: RunStart.Parent?
    ) throws {
        let key = candidate.concurrencyKey
        let others =
            key == nil ? [] : active.filter { $0.workflow.name == workflow.name && $0.concurrencyKey == key }
        var facts = StartFacts()
        facts.active = others.filter(\.holdsSlot).map(\.id)
        facts.queued = others.count - facts.active.count
        facts.lastWithDedupeKey = candidate.dedupeKey.flatMap { workflow.rules.lastStart[$0] }
        facts.runsInChain = event.chain.flatMap { chains[$0.root] } ?? 0
        facts.rate = workflow.rules.rate
        try require(
            (candidate.error != nil) == workflow.model.isUndecided(by: event),
            "the start of \(workflow.name) by \(event.type) has the error \(String(describing: candidate.error))"
        )
        let decision = StartDecision(workflow.definition, candidate, event, facts, now: now)
        try require(
            decision.name == expectation(workflow.model, candidate, event, facts),
            "the start of \(workflow.model.name) by \(event.type) is \(decision), not "
                + expectation(workflow.model, candidate, event, facts))
        guard case .start(let disposition, let cancelling, let rate) = decision else {
            guard let caller else { return }
            return try record(
                .refused(StepError(.call, "not started")), workflow, candidate, event, caller)
        }
        if let rate { workflow.rules.rate = rate }
        if let key = candidate.dedupeKey { workflow.rules.lastStart[key] = now }
        for id in cancelling { runs[id]?.command = .cancel }
        try record(disposition, workflow, candidate, event, caller)
        try checkRate(workflow, disposition)
    }

    private func record(
        _ disposition: RunStart.Disposition, _ workflow: WorldWorkflow, _ candidate: StartCandidate,
        _ event: TriggerEvent, _ caller: RunStart.Parent?
    ) throws {
        let id = caller.map { Self.child(of: $0.run, $0.step, $0.attempt) } ?? RunID("run_\(order.count)")
        try require(runs[id] == nil, "the run \(id) is started twice")
        let chain = StartDecision.chain(of: id, workflow: workflow.model.name, event: event)
        var start = RunStart(run: id, event: event, chain: chain, disposition: disposition)
        start.parent = caller
        let run = add(start, workflow)
        run.concurrencyKey = candidate.concurrencyKey
        switch disposition {
        case .now: run.holdsSlot = true
        case .queued: break
        case .refused: run.facts.refused = .refused
        case .failed: run.facts.refused = .failed
        }
        if run.facts.refused == nil {
            try require(
                chain.depth <= workflow.model.maxDepth, "\(id) is number \(chain.depth) in its chain")
        }
    }

    /// What has to come of a start.
    private func expectation(
        _ model: ModelWorkflow, _ candidate: StartCandidate, _ event: TriggerEvent, _ facts: StartFacts
    ) -> String {
        let links = event.chain?.links ?? []
        if !model.allowSelf, links.contains(where: { $0.workflow == model.name && $0.record == event.record })
        {
            return "skip ownChain"
        }
        if candidate.error != nil { return "failed" }
        if let dedupe = model.dedupe, let last = facts.lastWithDedupeKey,
            now.milliseconds < last.milliseconds + Int64(dedupe) * 1_000
        {
            return "skip duplicate"
        }
        if links.count >= model.maxDepth { return "refused" }
        guard let concurrency = model.concurrency else { return model.rate == nil ? "now" : "now or queued" }
        let isFull = facts.active.count >= concurrency.limit || facts.queued > 0
        guard isFull else { return model.rate == nil ? "now" : "now or queued" }
        switch concurrency.onConflict {
        case "skip": return "skip conflict"
        case "fail": return "failed"
        default: return model.rate == nil ? "queued" : "now or queued"
        }
    }

    /// Never more than one second's worth at once.
    private func checkRate(_ workflow: WorldWorkflow, _ disposition: RunStart.Disposition) throws {
        guard let rate = workflow.model.rate else { return }
        switch disposition {
        case .now: workflow.rules.planned.append(now)
        case .queued(let notBefore): workflow.rules.planned.append(notBefore ?? now)
        default: return
        }
        let planned = workflow.rules.planned
        guard planned.count > rate else { return }
        // The clock may have gone back in between.
        let (last, before) = (planned[planned.count - 1], planned[planned.count - 1 - rate])
        try require(
            last.milliseconds - before.milliseconds >= Int64(1_000 / rate) - 2 || hasGoneBack,
            "\(rate + 1) runs of \(workflow.model.name) begin within a second")
    }

    /// Gives free slots to those that are queued, the oldest first.
    func releaseQueued() {
        for run in active where run.isQueued && run.exists && run.facts.refused == nil {
            if let notBefore = run.notBefore, notBefore > now { continue }
            if let limit = run.workflow.model.concurrency?.limit {
                let others = active.filter {
                    $0 !== run && $0.workflow.name == run.workflow.name
                        && $0.concurrencyKey == run.concurrencyKey
                        && $0.holdsSlot
                }
                guard others.count < limit else { continue }
            }
            (run.holdsSlot, run.mayBegin) = (true, true)
        }
    }

    /// A run that repeats one that failed, or was cancelled, from where it failed.
    func repeatRun(_ run: WorldRun) throws {
        let id = RunID("\(run.id)'")
        guard let start = RunStart.repeating(run.state, run.workflow.definition, as: id) else {
            return try require(run.state.beganAt == nil, "\(run.id) cannot be repeated")
        }
        var expected: [StepAddress: StepStatus] = [:]
        for (address, status) in run.history.ended
        where run.workflow.outline.places[address.step]?.isMain == true {
            guard status == .succeeded || status == .skipped, !isHandlingAgain(address, run) else { continue }
            expected[address] = status
        }
        for address in run.history.ended.keys where isUnknown(address, run) {
            try require(
                start.lineage?.keys[address] == network.key(run.id, address),
                "the key of \(address) is not kept")
        }
        let again = add(start, run.workflow)
        again.facts.restored = expected
        again.facts.generation = run.facts.generation + 1
        again.holdsSlot = true
    }
}

extension World {
    /// Whether a step dealt with the error of one that is done again, at any depth.
    private func isHandlingAgain(_ address: StepAddress, _ run: WorldRun) -> Bool {
        let places = run.workflow.outline.places
        var place = places[address.step]
        while let id = place?.parent, let parent = places[id] {
            let iteration = Array(address.iteration.prefix(parent.step.loops.count))
            let status = run.history.ended[StepAddress(id, iteration: iteration)]
            if place?.isInHandler == true, status != .succeeded { return true }
            place = parent
        }
        return false
    }

    /// Whether nobody knows what became of its request.
    private func isUnknown(_ address: StepAddress, _ run: WorldRun) -> Bool {
        guard let place = run.workflow.outline.places[address.step], place.isMain,
            case .http(let request) = place.step.action
        else { return false }
        switch run.history.ended[address] {
        case .failed: return request.isAtMostOnce && network.last(run.id, address) == .unknown
        case .cancelled: return network.last(run.id, address) == .open
        default: return false
        }
    }
}

extension StartDecision {
    fileprivate var name: String {
        switch self {
        case .skip(let reason): "skip \(reason.rawValue)"
        case .start(.now, _, let rate): rate == nil ? "now" : "now or queued"
        case .start(.queued, _, let rate): rate == nil ? "queued" : "now or queued"
        case .start(.refused, _, _): "refused"
        case .start(.failed, _, _): "failed"
        }
    }
}
