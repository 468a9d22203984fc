internal import Resources

/// Whether and how an event starts a run of a workflow. Pure; decided in the transaction of the event.
package enum StartDecision: Sendable {
    /// Nothing is recorded but a number.
    case skip(Reason)
    /// A run comes into being.
    ///
    /// - disposition: whether it begins, is queued, was refused, or has failed.
    /// - chain: without the run's own link; ``chain(of:workflow:event:)`` adds it.
    /// - cancelling: runs that end because of it.
    /// - rate: what ``StartFacts/rate`` is from now on; nil when the workflow has no `rateLimit`.
    case start(RunStart.Disposition, cancelling: [RunID], rate: Moment?)

    package enum Reason: String, Sendable {
        /// The dedupe key was seen within the window.
        case duplicate
        /// `onConflict: skip`.
        case conflict
        /// The event is of a chain that this workflow is part of, for the same record.
        case ownChain
    }

    package init(
        _ definition: WorkflowDefinition, _ candidate: StartCandidate, _ event: TriggerEvent,
        _ facts: StartFacts, now: Moment
    ) {
        let spec = definition.spec
        if let chain = event.chain, !spec.loops.allowSelf,
            chain.links.contains(where: { $0.workflow == definition.name && $0.record == event.record })
        {
            self = .skip(.ownChain)
            return
        }
        if let error = candidate.error {
            self = .start(.failed(error), cancelling: [], rate: facts.rate)
            return
        }
        if let dedupe = spec.dedupe, let last = facts.lastWithDedupeKey, now < last + dedupe.window {
            self = .skip(.duplicate)
            return
        }
        if let refusal = Self.refusal(spec, event, facts) {
            self = .start(.refused(refusal), cancelling: [], rate: facts.rate)
            return
        }
        self = Self.start(spec, candidate, facts, now)
    }

    private static func refusal(_ spec: WorkflowSpec, _ event: TriggerEvent, _ facts: StartFacts)
        -> StepError?
    {
        let depth = (event.chain?.depth ?? 0) + 1
        if depth > spec.loops.maxDepth {
            return StepError(
                .loop, "\(depth) runs in a row, `loops.maxDepth` is \(spec.loops.maxDepth)")
        }
        if facts.runsInChain >= RunBounds.chain {
            return StepError(.loop, "the chain has \(RunBounds.chain) runs already")
        }
        return nil
    }

    private static func start(
        _ spec: WorkflowSpec, _ candidate: StartCandidate, _ facts: StartFacts, _ now: Moment
    ) -> StartDecision {
        var cancelling: [RunID] = []
        var isFull = false
        if let concurrency = spec.concurrency {
            isFull = facts.active.count >= concurrency.limit || facts.queued > 0
            switch concurrency.onConflict {
            case .queue: break
            case .skip where isFull: return .skip(.conflict)
            case .fail where isFull:
                let key = candidate.concurrencyKey ?? ""
                let error = StepError(
                    .concurrency, "\(facts.active.count) runs with the key `\(key)` are under way")
                return .start(.failed(error), cancelling: [], rate: facts.rate)
            case .cancelRunning where isFull:
                cancelling = Array(facts.active.prefix(max(0, facts.active.count - concurrency.limit + 1)))
            default: break
            }
        }
        let (notBefore, rate) = Self.turn(spec.rateLimit, facts.rate, now)
        if isFull || notBefore != nil {
            return .start(.queued(notBefore: notBefore), cancelling: cancelling, rate: rate)
        }
        return .start(.now, cancelling: cancelling, rate: rate)
    }

    /// When a start is due under the limit, and the value to remember (the generic cell rate algorithm, ITU-T I.371, with
    /// one second's worth of burst).
    private static func turn(_ limit: Rate?, _ last: Moment?, _ now: Moment) -> (Moment?, Moment?) {
        guard let limit else { return (nil, nil) }
        let interval = max(1, Int64(1000 / limit.perSecond))
        let tolerance = max(0, 1000 - interval)
        let arrival = max(last?.milliseconds ?? 0, now.milliseconds)
        let due = arrival - tolerance
        return (
            due > now.milliseconds ? Moment(milliseconds: due) : nil,
            Moment(milliseconds: arrival + interval)
        )
    }

    /// The chain of a run that an event starts.
    package static func chain(of run: RunID, workflow: String, event: TriggerEvent) -> Chain {
        (event.chain ?? Chain(root: event.id)).appending(
            Chain.Link(run: run, workflow: workflow, record: event.record))
    }
}
