internal import JSON
import Resources

extension RunStart {
    /// A run that repeats one from its failed step: what was through stays as it is, the rest is done again with new
    /// idempotency keys, except where nobody knows what became of a request.
    ///
    /// - Parameters:
    ///   - state: of a run that failed or was cancelled; the new one runs under the same revision.
    ///   - run: the id of the new run.
    /// - Returns: nil unless the run has ended without success after it had begun.
    package static func repeating(
        _ state: RunState, _ definition: WorkflowDefinition, as run: RunID
    ) -> RunStart? {
        guard let creation = state.creation, [.failed, .cancelled].contains(state.status),
            state.beganAt != nil
        else { return nil }
        var outputs: [(step: StepAddress, outputs: JSONObject?)] = []
        // Those of the run that this one repeats stay too, where it did not come so far.
        var keys = creation.keys.filter { state.steps[$0.key]?.key == nil }
        for (address, step) in state.orderedSteps where definition.isOfMainSteps(address) {
            let isKept = !definition.isHandlingAgain(address, state)
            switch step.status {
            case .succeeded: if isKept { outputs.append((address, step.outputs)) }
            case .skipped: if isKept { outputs.append((address, nil)) }
            default: if step.isOutcomeUnknown, let key = step.key { keys[address] = key }
            }
        }
        let links = creation.chain.links.dropLast()
        let own = Chain.Link(run: run, workflow: creation.workflow, record: creation.event.record)
        var start = RunStart(
            run: run, event: creation.event,
            chain: Chain(root: creation.chain.root, links: links + [own]))
        start.lineage = Lineage(run: creation.run, outputs: outputs, keys: keys)
        return start
    }
}

extension WorkflowDefinition {
    /// Whether a step stands in `steps`, at any depth.
    fileprivate func isOfMainSteps(_ address: StepAddress) -> Bool {
        guard let index = step(address) else { return false }
        var block = blocks[steps[index].block]
        while let owner = block.owner.step { block = blocks[steps[owner].block] }
        return block.owner == .phase(.steps)
    }

    /// Whether a step dealt with the error of one that is done again, and may have another error then.
    fileprivate func isHandlingAgain(_ address: StepAddress, _ state: RunState) -> Bool {
        guard let index = step(address) else { return false }
        var block = blocks[steps[index].block]
        while let owner = block.owner.step {
            if case .handler = block.owner,
                state.steps[self.address(owner, address.iteration)]?.status != .succeeded
            {
                return true
            }
            block = blocks[steps[owner].block]
        }
        return false
    }
}
