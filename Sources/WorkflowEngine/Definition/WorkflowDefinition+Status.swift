import Resources

extension WorkflowDefinition {
    /// Where a step stands, also one that was never reached: `skipped` when its run ended, or took another way, before it;
    /// else `pending`. Of a step in a loop that of its last iteration.
    package func status(of id: String, in state: RunState) -> StepStatus {
        guard let index = byID[id] else { return .pending }
        let known = state.steps.filter { $0.key.step == id }.max { $0.value.position < $1.value.position }
        if let known { return known.value.status }
        if state.status.isFinal { return .skipped }
        var block = blocks[steps[index].block]
        while let owner = block.owner.step {
            let around = state.steps.filter { $0.key.step == steps[owner].id }
            if !around.isEmpty, around.allSatisfy({ $0.value.status.isFinal }) { return .skipped }
            if case .choice(_, let choice) = block.owner,
                around.contains(where: { $0.value.choice.map { $0 != choice } ?? false })
            {
                return .skipped
            }
            block = blocks[steps[owner].block]
        }
        return .pending
    }
}
