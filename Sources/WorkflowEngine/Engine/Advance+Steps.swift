internal import Expressions
internal import JSON
internal import Resources

/// Steps one after the other: how each begins and ends, and what its end means for the steps around it.
extension Advance {
    mutating func begin(_ block: Int, _ position: Int, _ iteration: [Int]) {
        guard isUnderWay(block, iteration) else { return }
        let steps = definition.blocks[block].steps
        guard position < steps.count else { return blockEnded(block, iteration, nil) }
        start(steps[position], definition.address(steps[position], iteration))
    }

    /// Whether the step around a block still wants it.
    private func isUnderWay(_ block: Int, _ iteration: [Int]) -> Bool {
        let owner = definition.blocks[block].owner
        guard let step = owner.step else { return owner == .phase(state.phase) && !state.status.isFinal }
        guard let around = state.steps[definition.address(step, iteration)], !around.status.isFinal else {
            return false
        }
        if case .handler(_, let index) = owner { return around.handler == index }
        return around.handler == nil
    }

    private mutating func start(_ index: Int, _ address: StepAddress) {
        // Done in the run that this one repeats.
        if state.steps[address]?.status.isFinal == true { return push(.ended(address)) }
        let step = definition.steps[index]
        do throws(StepError) {
            if let condition = step.condition {
                guard try condition.holds(try variables(address).activation(condition.needs)) else {
                    record(.ended(.skipped, outputs: nil, error: nil), address)
                    return push(.ended(address))
                }
            }
        } catch {
            guard begun(address, step) else { return }
            return fail(address, error.at(address))
        }
        guard begun(address, step) else { return }
        act(step.action, address)
    }

    /// Writes down that a step begins; false when the run has had its share of steps.
    private mutating func begun(_ address: StepAddress, _ step: StepDefinition) -> Bool {
        // What deals with the end of a run has room of its own.
        let bound = RunBounds.steps + (state.phase == .steps ? 0 : 100)
        guard state.stepCount < bound else {
            failRun(StepError(.limit, "the run has more than \(RunBounds.steps) steps", step: address))
            return false
        }
        let timeoutAt = timeout(of: step).map { now + $0 }
        record(.started(timeoutAt: timeoutAt), address)
        return true
    }

    /// The timeout of a request is that of its exchange, which the shell watches.
    private func timeout(of step: StepDefinition) -> Duration? {
        if case .http = step.action { return nil }
        return step.timeout
    }

    /// The next attempt of a step.
    mutating func attempt(_ address: StepAddress) {
        guard let index = definition.step(address), state.steps[address]?.status.isFinal == false else {
            return
        }
        let step = definition.steps[index]
        if let request = state.steps[address]?.request {
            return send(address, request)
        }
        let timeoutAt = timeout(of: step).map { now + $0 }
        record(.again(timeoutAt: timeoutAt), address)
        act(step.action, address)
    }

    // MARK: Ends

    /// The action of a step is done; its outputs are what it came to, or what the step makes of that.
    ///
    /// - Parameter response: for requests; of everything else, `response.body` is what it came to.
    mutating func finish(_ address: StepAddress, _ result: JSONObject, response: CELValue? = nil) {
        guard let index = definition.step(address) else { return }
        let step = definition.steps[index]
        do throws(StepError) {
            var outputs = result
            if let tree = step.outputs {
                let response = response ?? Self.response(of: result)
                outputs = try tree.object(try variables(address).activation(tree.needs, response: response))
            } else if step.action.isOfRecord {
                outputs["description"] = nil
            }
            try end(address, outputs)
        } catch {
            fail(address, error.at(address))
        }
    }

    private static func response(of result: JSONObject) -> CELValue {
        .record(["status": .int(0), "headers": .map(.empty), "body": .map(.json(result))])
    }

    /// - Throws: when the outputs are too large for a step; the run fails when they are too large for it.
    private mutating func end(_ address: StepAddress, _ outputs: JSONObject) throws(StepError) {
        let size = JSONValue.object(outputs).compactSize
        guard size <= RunBounds.outputs else {
            throw StepError(
                .limit, "the outputs are \(size) bytes, the limit is \(RunBounds.outputs): keep less of them")
        }
        guard hasRoom(for: size) else { return failForSize(address) }
        release(address)
        record(.ended(.succeeded, outputs: outputs, error: nil), address)
        push(.ended(address))
    }

    func hasRoom(for size: Int) -> Bool {
        state.size + size <= RunBounds.state + (state.phase == .steps ? 0 : RunBounds.outputs * 4)
    }

    mutating func failForSize(_ address: StepAddress) {
        failRun(StepError.tooLarge.at(address))
    }

    /// A step failed: it is tried again, waits for a person, is caught, or has failed for good.
    ///
    /// - Parameter isFinal: another attempt would come to the same.
    mutating func fail(
        _ address: StepAddress, _ error: StepError, isFinal: Bool = false, retryAfter: Duration? = nil
    ) {
        guard let index = definition.step(address), let known = state.steps[address] else { return }
        let step = definition.steps[index]
        let handler: Int?
        do throws(StepError) { handler = try self.handler(of: step, address, error) } catch {
            release(address)
            record(.ended(.failed, outputs: nil, error: error.at(address)), address)
            return push(.ended(address))
        }
        if !isFinal, let retry = step.retry, error.isWorthRepeating {
            let attempts = known.attempts - known.forgivenAttempts
            if attempts < retry.maxAttempts {
                return repeatLater(address, attempts, retry, error, retryAfter)
            }
            if definition.spec.onExhausted == .pause, handler == nil, !step.continueOnError {
                release(address)
                return record(.paused(error), address)
            }
        }
        release(address)
        guard let handler else {
            record(.ended(.failed, outputs: nil, error: error), address)
            return push(.ended(address))
        }
        record(.catching(handler, error), address)
        push(.begin(block: step.handlers[handler].block, position: 0, iteration: address.iteration))
    }

    private mutating func repeatLater(
        _ address: StepAddress, _ attempts: Int, _ retry: RetryPolicy, _ error: StepError,
        _ retryAfter: Duration?
    ) {
        let delay = Backoff.delay(
            after: attempts, retry, retryAfter: retryAfter, run: state.run, step: address)
        release(address)
        record(.retrying(at: now + delay, error), address)
    }

    /// The first handler that the error fits.
    private func handler(
        of step: StepDefinition, _ address: StepAddress, _ error: StepError
    ) throws(StepError) -> Int? {
        for (index, handler) in step.handlers.enumerated() {
            guard let condition = handler.condition else { return index }
            let activation = try variables(address).activation(condition.needs, error: error)
            if try condition.holds(activation) { return index }
        }
        return nil
    }

    mutating func stepEnded(_ address: StepAddress) {
        guard let index = definition.step(address), let state = state.steps[address] else { return }
        let step = definition.steps[index]
        if state.status == .failed, !step.continueOnError {
            blockEnded(step.block, address.iteration, state.error)
        } else {
            push(.begin(block: step.block, position: step.position + 1, iteration: address.iteration))
        }
    }

    /// A list of steps is through, or an error in it was not dealt with.
    private mutating func blockEnded(_ block: Int, _ iteration: [Int], _ error: StepError?) {
        guard isUnderWay(block, iteration) else { return }
        switch definition.blocks[block].owner {
        case .phase(let phase): phaseEnded(phase, error)
        case .choice(let step, _):
            let address = definition.address(step, iteration)
            if let error { fail(address, error) } else { finish(address, [:]) }
        case .branch(let step, let branch):
            branchEnded(definition.address(step, iteration), step, branch, error)
        case .iteration(let step): iterationEnded(step, iteration, error)
        case .handler(let step, let index):
            handlerEnded(definition.address(step, iteration), definition.steps[step].handlers[index], error)
        }
    }

    private mutating func handlerEnded(
        _ address: StepAddress, _ handler: StepDefinition.Handler, _ error: StepError?
    ) {
        var failure = error
        if failure == nil {
            do throws(StepError) {
                var outputs: JSONObject = [:]
                if let tree = handler.outputs {
                    outputs = try tree.object(
                        try variables(address).activation(tree.needs, error: state.steps[address]?.error))
                }
                return try end(address, outputs)
            } catch {
                failure = error.at(address)
            }
        }
        record(.ended(.failed, outputs: nil, error: failure), address)
        push(.ended(address))
    }

    // MARK: Letting go

    /// Ends what a step waits for; its end, or its next attempt, is written next.
    mutating func release(_ address: StepAddress) {
        letGo(address)
        guard let index = definition.step(address), definition.steps[index].holdsSteps else { return }
        endLiveSteps { [definition] other in
            guard let inner = definition.step(other) else { return false }
            return definition.isInside(inner, of: index) && other.iteration.starts(with: address.iteration)
        }
    }

    /// Cancels steps that are under way, the innermost first.
    mutating func endLiveSteps(where isChosen: (StepAddress) -> Bool) {
        for address in state.live.reversed() where isChosen(address) {
            letGo(address)
            record(.ended(.cancelled, outputs: nil, error: nil), address)
        }
    }

    private mutating func letGo(_ address: StepAddress) {
        guard let step = state.steps[address] else { return }
        if step.wait != nil { perform(.closeWait(address)) }
        if step.isSending { perform(.abandon(address)) }
        if step.isCalling { perform(.cancelChild(address)) }
    }
}

extension StepError {
    static let tooLarge = StepError(.limit, "the run keeps more than \(RunBounds.state) bytes")

    /// Whether another attempt may go better.
    var isWorthRepeating: Bool {
        switch type {
        case .expression, .limit, .fail, .unknownOutcome, .noPublicURL, .loop, .concurrency, .cancelled:
            false
        default: true
        }
    }
}

extension StepDefinition {
    /// Whether steps can be under way inside of it.
    var holdsSteps: Bool { action.hasSteps || !handlers.isEmpty }
}

extension CompiledAction {
    /// Whether it changes nothing but its run and needs nothing else.
    var isOfItsRun: Bool {
        switch self {
        case .call, .emit: false
        default: !isOfRecord
        }
    }

    var isOfRecord: Bool {
        switch self {
        case .create, .update, .upsert, .find: true
        default: false
        }
    }
}
