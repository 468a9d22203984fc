import Resources
import WorkflowEngine

/// What has to come of a run, worked out by recursion over the model: no journal, no time, no messages.
///
/// Where branches race, because one of them may end the others, it says nothing about their steps; the same holds for what
/// was under way when a person or a timeout ended the run.
struct Oracle {
    enum Result { case ok, failed, stuck }

    private(set) var statuses: [StepAddress: StepStatus] = [:]
    /// Steps of which nothing is known, not even whether they begin.
    private(set) var uncertain: Set<String> = []
    /// Steps whose action succeeded, so that their outputs are known.
    private(set) var succeededByAction: Set<StepAddress> = []
    /// nil where it is not known.
    private(set) var status: RunStatus?

    private let workflow: ModelWorkflow
    private let facts: RunFacts

    init(_ workflow: ModelWorkflow, _ facts: RunFacts) {
        (self.workflow, self.facts) = (workflow, facts)
        statuses = facts.restored
        if let refused = facts.refused {
            status = refused
            return
        }
        guard facts.cancellation != .unbegun else {
            status = .cancelled
            return
        }
        let isWhole = facts.cancellation == nil && !facts.isTimedOut
        let main = block(workflow.steps, [], certain: isWhole)
        if main == .failed || !isWhole { _ = block(workflow.onFailure, [], certain: isWhole) }
        let end = block(
            workflow.finally, [],
            certain: !facts.isTimedOut && facts.cancellation != .atOnce && (main != .stuck || !isWhole))
        if facts.cancellation != nil {
            status = .cancelled
        } else if facts.isTimedOut {
            status = nil
        } else if main == .failed || end == .failed {
            status = .failed
        } else {
            status = main == .stuck || end == .stuck ? nil : .succeeded
        }
    }

    private mutating func block(_ steps: [ModelStep], _ iteration: [Int], certain: Bool) -> Result {
        var certain = certain
        var result = Result.ok
        for step in steps {
            // What stands behind a step that ended its list does not run; where nothing is certain it may have.
            guard result == .ok || !certain else { break }
            let one = run(step, iteration, certain: certain)
            if result == .ok, one == .stuck || (one == .failed && !step.continueOnError) { result = one }
            if one == .stuck { certain = false }
        }
        return result
    }

    private mutating func run(_ step: ModelStep, _ iteration: [Int], certain: Bool) -> Result {
        let address = StepAddress(step.id, iteration: iteration)
        if facts.restored[address] != nil { return .ok }
        if !certain { uncertain.insert(step.id) }
        if !holds(step, iteration) {
            note(address, .skipped, certain)
            return .ok
        }
        var result = action(step, address, certain: certain)
        if result == .ok {
            if certain { succeededByAction.insert(address) }
        } else if let handler = step.handler, result == .failed || !certain {
            result = block(handler.steps, iteration, certain: certain)
        }
        if result == .stuck {
            uncertain.insert(step.id)
        } else {
            note(address, result == .ok ? .succeeded : .failed, certain)
        }
        return result
    }

    private mutating func note(_ address: StepAddress, _ status: StepStatus, _ certain: Bool) {
        if certain { statuses[address] = status }
    }

    private func holds(_ step: ModelStep, _ iteration: [Int]) -> Bool {
        if case .fail(.iteration(let index)) = step.action { return iteration.last == index }
        return step.condition ?? true
    }

    private mutating func action(_ step: ModelStep, _ address: StepAddress, certain: Bool) -> Result {
        let iteration = address.iteration
        switch step.action {
        case .set, .sleepUntil, .create, .upsert, .find, .emit, .sleep(_, nil): return .ok
        case .fail, .broken: return .failed
        case .update(let isKnown): return isKnown ? .ok : exhausted(step)
        case .sleep: return exhausted(step)
        case .wait(let wait):
            guard case .never = wait.arrival else { return .ok }
            return wait.continues ? .ok : exhausted(step)
        case .http(let request): return self.request(request, step, address)
        case .call(let workflow): return call(workflow, step, address)
        case .choose(let taken, let blocks): return block(blocks[taken], iteration, certain: certain)
        case .parallel(let branches, let failFast):
            // A first pass that changes nothing says what becomes of each.
            let results = branches.map { preview($0, iteration, certain) }
            let races = failFast && results.contains(.failed)
            for branch in branches { _ = block(branch, iteration, certain: certain && !races) }
            if races { return .failed }
            return results.contains(.stuck) ? .stuck : results.contains(.failed) ? .failed : .ok
        case .endless:
            _ = block(step.blocks[0], iteration, certain: false)
            return .failed
        case .loop(let count, let concurrency, let failFast, let steps):
            return loop(count, concurrency, failFast, steps, iteration, certain)
        }
    }

    private mutating func loop(
        _ count: Int, _ concurrency: Int, _ failFast: Bool, _ steps: [ModelStep], _ iteration: [Int],
        _ certain: Bool
    ) -> Result {
        let results = (0..<count).map { preview(steps, iteration + [$0], certain) }
        // An element that is stuck keeps its place; without a free one the next does not begin.
        var (stuck, end, fails) = (0, count, false)
        for (index, result) in results.enumerated() {
            if result == .stuck { stuck += 1 }
            if result == .failed, failFast {
                (end, fails) = (index, true)
                break
            }
            if stuck == concurrency {
                end = index
                break
            }
        }
        let races = concurrency > 1 && end < count
        for index in 0..<count {
            let isReached = index <= end
            guard isReached || !certain || races else { break }
            _ = block(steps, iteration + [index], certain: certain && !races)
        }
        if fails { return .failed }
        return stuck > 0 ? .stuck : results.contains(.failed) ? .failed : .ok
    }

    private func preview(_ steps: [ModelStep], _ iteration: [Int], _ certain: Bool) -> Result {
        var copy = self
        var result = Result.ok
        for step in steps where result == .ok {
            let one = copy.run(step, iteration, certain: certain)
            if one == .stuck || (one == .failed && !step.continueOnError) { result = one }
        }
        return result
    }

    // MARK: Attempts

    /// Every attempt fails.
    private func exhausted(_ step: ModelStep) -> Result {
        step.maxAttempts != nil && pauses(step) ? .stuck : .failed
    }

    private func pauses(_ step: ModelStep) -> Bool {
        workflow.pauses && step.handler == nil && !step.continueOnError
    }

    private func request(_ request: ModelRequest, _ step: ModelStep, _ address: StepAddress) -> Result {
        if facts.lost.contains(address) { return .failed }
        let attempts = step.maxAttempts ?? 5
        // A person lets a paused step go on until nothing new can come.
        let last = pauses(step) ? max(attempts, request.variety(facts.generation)) : attempts
        for attempt in 1...last {
            switch request.answer(attempt, facts.generation) {
            case .status(let status, _):
                if request.isExpected(status) { return .ok }
                if status != 503, status != 429 { return .failed }
            case .reset, .late: if request.isAtMostOnce { return .failed }
            case .refused: break
            }
        }
        return pauses(step) ? .stuck : .failed
    }

    /// What the runs came to that the step called; each is checked by an oracle of its own.
    private func call(_ workflow: String?, _ step: ModelStep, _ address: StepAddress) -> Result {
        guard workflow != nil else { return exhausted(step) }
        var attempt = 1
        while let status = facts.children[address]?[attempt] {
            switch status {
            case .succeeded: return .ok
            case .refused: return .failed
            default: break
            }
            attempt += 1
        }
        return exhausted(step)
    }
}
