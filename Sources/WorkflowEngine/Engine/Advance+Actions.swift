internal import Expressions
internal import JSON
internal import Resources

/// What steps do.
extension Advance {
    mutating func act(_ action: CompiledAction, _ address: StepAddress) {
        do throws(StepError) {
            try begin(action, address)
        } catch {
            fail(address, error.at(address))
        }
    }

    private mutating func begin(_ action: CompiledAction, _ address: StepAddress) throws(StepError) {
        switch action {
        case .nothing: finish(address, [:])
        case .set(let tree): finish(address, try tree.object(try activation(address, tree.needs)))
        case .fail(let text):
            let message = try text.plain(try activation(address, text.needs))
            fail(address, StepError(.fail, message, step: address))
        case .http(let request): try send(address, plan(request, address))
        case .wait(let wait): try open(wait, address)
        case .sleep(let duration): sleep(address, until: now + duration, isMoment: false)
        case .sleepUntil(let expression): sleep(address, until: try time(expression, address), isMoment: true)
        case .choose(let conditions, let blocks): try choose(conditions, blocks, address)
        case .parallel(let blocks, _):
            for block in blocks.reversed() {
                push(.begin(block: block, position: 0, iteration: address.iteration))
            }
        case .forEach(let loop): try begin(loop, address)
        case .call(let workflow, let tree): try call(workflow, tree, address)
        case .create, .update, .upsert, .find: try askAboutRecord(action, address)
        case .emit(let type, let tree):
            let data = try tree.object(try activation(address, tree.needs))
            let inputs: JSONValue = ["type": .string(type), "data": .object(data)]
            guard hasRoom(for: inputs.compactSize) else { return failForSize(address) }
            record(.acting(inputs), address)
            perform(.emit(address, type: type, data: data))
            finish(address, [:])
        }
    }

    private func activation(_ address: StepAddress, _ needs: VariableNeeds) throws(StepError) -> Activation {
        try variables(address).activation(needs)
    }

    // MARK: Times

    private mutating func sleep(_ address: StepAddress, until: Moment, isMoment: Bool) {
        guard until > (isMoment ? wallClock : now) else { return finish(address, [:]) }
        record(isMoment ? .sleepingUntil(until) : .sleeping(until: until), address)
    }

    private func time(_ expression: CompiledExpression, _ address: StepAddress) throws(StepError) -> Moment {
        let value = try expression.value(try activation(address, expression.needs))
        if case .timestamp(let time) = value { return Moment(time) }
        if case .string(let text) = value, let time = Timestamp(text) { return Moment(time) }
        throw StepError(.expression, "`\(expression.place)` is no time, but \(value)")
    }

    mutating func fire(_ timer: TimerID) {
        switch timer {
        case .run: break
        case .retry(let address):
            guard isDue(state.steps[address]?.retryAt) else { return }
            attempt(address)
        case .sleep(let address):
            guard let step = state.steps[address], let until = step.sleepUntil,
                until <= (step.sleepsUntilMoment ? wallClock : now)
            else { return }
            finish(address, [:])
        case .wait(let address):
            guard isDue(state.steps[address]?.wait?.deadline) else { return }
            waitTimedOut(address)
        case .timeout(let address):
            guard isDue(state.steps[address]?.timeoutAt), let index = definition.step(address) else { return }
            let timeout = definition.steps[index].timeout?.configurationText ?? ""
            fail(address, StepError(.timeout, "the step took longer than \(timeout)", step: address))
        }
    }

    private func isDue(_ time: Moment?) -> Bool { time.map { $0 <= now } ?? false }

    // MARK: Cases, branches, elements

    private mutating func choose(
        _ conditions: [CompiledExpression], _ blocks: [Int], _ address: StepAddress
    ) throws(StepError) {
        var choice = conditions.count
        for (index, condition) in conditions.enumerated()
        where try condition.holds(try activation(address, condition.needs)) {
            choice = index
            break
        }
        record(.chosen(choice), address)
        push(.begin(block: blocks[choice], position: 0, iteration: address.iteration))
    }

    mutating func branchEnded(_ address: StepAddress, _ step: Int, _ branch: Int, _ error: StepError?) {
        guard case .parallel(let blocks, let failFast) = definition.steps[step].action else { return }
        record(.branchEnded(branch, error == nil ? .succeeded : .failed, error: error), address)
        if let error, failFast { return fail(address, error) }
        guard let state = state.steps[address], state.branches.count == blocks.count else { return }
        if state.branches.values.contains(.failed), let error = state.error {
            fail(address, error)
        } else {
            finish(address, [:])
        }
    }

    private mutating func begin(_ loop: CompiledLoop, _ address: StepAddress) throws(StepError) {
        let value = try loop.items.value(try activation(address, loop.items.needs))
        guard case .list(let list) = value else {
            throw StepError(.expression, "`\(loop.items.place)` is no list, but of type `\(value.typeName)`")
        }
        guard list.count <= RunBounds.items else {
            throw StepError(.limit, "the list has \(list.count) elements, the limit is \(RunBounds.items)")
        }
        let items: [JSONValue]
        do throws(EvaluationError) { items = try value.json()?.array ?? [] } catch {
            throw StepError(loop.items.place, error, in: loop.items.program.source)
        }
        try JSONValue.array(items).checkDepth(loop.items.place)
        guard hasRoom(for: JSONValue.array(items).compactSize) else { return failForSize(address) }
        record(.looping(items), address)
        if items.isEmpty { return finish(address, ["count": 0], response: nil) }
        beginIterations(loop, address)
    }

    private mutating func beginIterations(_ loop: CompiledLoop, _ address: StepAddress) {
        var begun: [Int] = []
        while let progress = state.steps[address]?.loop, progress.begun < progress.items.count,
            progress.running < loop.concurrency
        {
            begun.append(progress.begun)
            record(.iterationBegan(progress.begun), address)
        }
        for index in begun.reversed() {
            push(.begin(block: loop.block, position: 0, iteration: address.iteration + [index]))
        }
    }

    mutating func iterationEnded(_ step: Int, _ iteration: [Int], _ error: StepError?) {
        guard case .forEach(let loop) = definition.steps[step].action, let index = iteration.last else {
            return
        }
        let address = definition.address(step, iteration)
        record(.iterationEnded(index, error == nil ? .succeeded : .failed, error: error), address)
        if let error, loop.failFast { return fail(address, error) }
        guard let progress = state.steps[address]?.loop else { return }
        if progress.begun < progress.items.count { return beginIterations(loop, address) }
        guard progress.running == 0 else { return }
        if let error = progress.error { return fail(address, error) }
        finishLoop(loop, address, progress.items.count)
    }

    /// What comes out of a loop is the number of elements; `outputs` of the step also sees what the last step of each
    /// iteration left behind.
    private mutating func finishLoop(_ loop: CompiledLoop, _ address: StepAddress, _ count: Int) {
        var result: JSONObject = ["count": .number(JSONNumber(count))]
        guard let index = definition.step(address), definition.steps[index].outputs != nil else {
            return finish(address, result)
        }
        let last = definition.blocks[loop.block].steps.last
        result["results"] = .array(
            (0..<count).map { element in
                let known = last.flatMap {
                    state.steps[definition.address($0, address.iteration + [element])]
                }
                return known.map { .object($0.outputs) } ?? .null
            })
        finish(address, result)
    }

    // MARK: Other workflows

    private mutating func call(
        _ workflow: String, _ tree: CompiledTree, _ address: StepAddress
    ) throws(StepError) {
        let inputs = try tree.object(try activation(address, tree.needs))
        guard hasRoom(for: JSONValue.object(inputs).compactSize) else { return failForSize(address) }
        record(.calling(workflow: workflow, inputs: inputs), address)
        perform(
            .startChild(
                address, attempt: state.steps[address]?.attempts ?? 1, workflow: workflow, inputs: inputs))
    }

    mutating func childEnded(_ address: StepAddress, _ attempt: Int, _ outcome: ChildOutcome) {
        guard let step = state.steps[address], step.isCalling, step.attempts == attempt else { return }
        record(.answered, address)
        switch outcome {
        case .succeeded(let outputs): finish(address, outputs)
        case .failed(let error):
            fail(address, StepError(.call, "the run that was called failed: \(error.message)", step: address))
        case .refused(let error): fail(address, StepError(error.type, error.message, step: address))
        }
    }

    // MARK: Records

    private mutating func askAboutRecord(_ action: CompiledAction, _ address: StepAddress) throws(StepError) {
        guard mayAsk else {
            return record(.postponed(until: now), address)
        }
        let operation = try operation(action, address)
        guard hasRoom(for: operation.json.compactSize) else { return failForSize(address) }
        ask(operation)
    }

    private func operation(_ action: CompiledAction, _ address: StepAddress) throws(StepError)
        -> RecordOperation
    {
        func object(_ tree: CompiledTree) throws(StepError) -> JSONObject {
            try tree.object(try activation(address, tree.needs))
        }
        func selector(_ selector: CompiledSelector) throws(StepError) -> RecordOperation.Selector {
            switch selector {
            case .id(let text): .id(try text.plain(try activation(address, text.needs)))
            case .match(let tree): .match(try object(tree))
            }
        }
        switch action {
        case .create(let type, let set):
            return RecordOperation(step: address, type: type, action: .create(try object(set)))
        case .update(let type, let target, let set):
            return RecordOperation(
                step: address, type: type, action: .update(try selector(target), try object(set)))
        case .upsert(let type, let target, let set, let onCreate):
            return RecordOperation(
                step: address, type: type,
                action: .upsert(try selector(target), try object(set), onCreate: try object(onCreate)))
        case .find(let type, let match):
            return RecordOperation(step: address, type: type, action: .find(match: try object(match)))
        default: preconditionFailure("not an action on records")
        }
    }
}
