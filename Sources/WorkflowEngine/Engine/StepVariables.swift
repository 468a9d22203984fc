internal import Expressions
internal import JSON
internal import Resources

/// The variables of one evaluation.
struct StepVariables {
    /// In the order in which they are set, and declared.
    static let names = ["event", "vars", "steps", "run", "error", "callbacks", "response", "message"]

    let definition: WorkflowDefinition
    let state: RunState
    let engine: WorkflowEngine
    /// The step, and where in loops it is; nil before there are steps.
    let step: Int?
    let iteration: [Int]

    /// - Throws: ``StepError`` when there is no public URL for a callback.
    func activation(
        _ needs: VariableNeeds, error: StepError? = nil, response: CELValue? = nil,
        message: CELValue? = nil
    ) throws(StepError) -> Activation {
        var activation = Activation()
        activation.set("event", state.eventValue)
        activation.set("vars", .map(.json(state.vars)))
        if needs.steps?.isEmpty != true { activation.set("steps", steps(needs.steps)) }
        if needs.run { activation.set("run", run) }
        if let error = error ?? surroundingError { activation.set("error", error.value) }
        if needs.callbacks?.isEmpty != true { activation.set("callbacks", try callbacks(needs.callbacks)) }
        if let response { activation.set("response", response) }
        if let message { activation.set("message", message) }
        for (name, value) in elements { activation.set(name, value) }
        return activation
    }

    private func steps(_ ids: [String]?) -> CELValue {
        .record(
            (ids ?? definition.stepIDs).compactMap { id in
                guard let index = definition.byID[id] else { return nil }
                return (id, value(of: index))
            })
    }

    /// A step of a loop is seen from inside the same iteration only.
    private func value(of index: Int) -> CELValue {
        let target = definition.steps[index]
        let isVisible = loops.starts(with: target.loops)
        let known = isVisible ? state.steps[definition.address(index, iteration)] : nil
        var fields: [(name: String, value: CELValue)] = [
            ("outputs", .map(.json(known?.outputs ?? [:]))),
            ("status", .string((known?.status ?? .pending).rawValue)),
        ]
        if let error = known?.error { fields.append(("error", error.value)) }
        return .record(fields)
    }

    private var run: CELValue {
        .record([
            "id": .string(state.run.text), "workflow": .string(definition.name),
            "startedAt": .timestamp((state.beganAt ?? state.createdAt).timestamp),
            "depth": .int(Int64(state.creation?.chain.depth ?? 1)),
        ])
    }

    /// The error that the steps around this one deal with.
    private var surroundingError: StepError? {
        guard var block = step.map({ definition.blocks[definition.steps[$0].block] }) else { return nil }
        while let owner = block.owner.step {
            if case .handler = block.owner {
                return state.steps[definition.address(owner, iteration)]?.error
            }
            block = definition.blocks[definition.steps[owner].block]
        }
        return state.error
    }

    private func callbacks(_ ids: [String]?) throws(StepError) -> CELValue {
        let waiting = ids ?? definition.stepIDs.filter { definition.steps[definition.byID[$0]!].isCallback }
        var urls: [(name: String, value: CELValue)] = []
        for id in waiting {
            guard let index = definition.byID[id] else { continue }
            guard let url = engine.callbackURL(state.run, definition.address(index, iteration)) else {
                throw StepError(
                    .noPublicURL, "there is no URL for `callbacks.\(id).url`: start with `--public-url`")
            }
            urls.append((id, .record(["url": .string(url)])))
        }
        return .record(urls)
    }

    private var loops: [Int] { step.map { definition.steps[$0].loops } ?? [] }

    /// The elements of the loops around the step, by the names that the loops give them.
    private var elements: [(String, CELValue)] {
        loops.enumerated().compactMap { depth, loop in
            guard case .forEach(let description) = definition.steps[loop].action, depth < iteration.count,
                let items = state.steps[definition.address(loop, iteration)]?.loop?.items,
                items.indices.contains(iteration[depth])
            else { return nil }
            return (description.name, CELValue(items[iteration[depth]]))
        }
    }
}

extension StepDefinition {
    /// Whether it waits for its callback URL.
    var isCallback: Bool {
        if case .wait(let wait) = action, case .callback = wait.source { true } else { false }
    }
}
