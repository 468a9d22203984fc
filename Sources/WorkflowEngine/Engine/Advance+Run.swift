internal import Expressions
internal import JSON
internal import Resources

/// The run as a whole: how it begins, which lists of steps it goes through, how it ends.
extension Advance {
    mutating func handle(_ input: RunInput) {
        if case .start(let start) = input {
            guard state.creation == nil else { return }
            self.start(start)
        } else if state.creation == nil || state.status.isFinal {
            return
        } else if state.beganAt == nil {
            handleQueued(input)
        } else {
            handleActive(input)
        }
        run()
    }

    private mutating func handleQueued(_ input: RunInput) {
        switch input {
        case .begin: begin()
        case .cancel(let reason): finishRun(.cancelled, StepError(.cancelled, reason))
        default: break
        }
    }

    private mutating func handleActive(_ input: RunInput) {
        switch input {
        case .http(let step, let attempt, let outcome): requestEnded(step, attempt, outcome)
        case .message(let step, let message): offer(message, to: step)
        case .timer(.run): runTimedOut()
        case .timer(let timer): fire(timer)
        case .child(let step, let attempt, let outcome): childEnded(step, attempt, outcome)
        case .cancel(let reason): cancel(reason)
        case .resume: resume()
        case .recover: recover()
        case .start, .begin: break
        }
    }

    // MARK: Beginning

    private mutating func start(_ start: RunStart) {
        var isQueued = false
        var notBefore: Moment?
        if case .queued(let time) = start.disposition { (isQueued, notBefore) = (true, time) }
        record(
            .created(
                RunCreation(
                    run: start.run, workflow: definition.name, digest: definition.digest.hex,
                    event: start.event, chain: start.chain, parent: start.parent,
                    repeats: start.lineage?.run, keys: start.lineage?.keys ?? [:], isQueued: isQueued,
                    notBefore: notBefore)))
        for (step, outputs) in start.lineage?.outputs ?? [] where definition.step(step) != nil {
            record(.restored(outputs == nil ? .skipped : .succeeded, outputs: outputs ?? [:]), step)
        }
        switch start.disposition {
        case .now: begin()
        case .queued: break
        case .refused(let error): finishRun(.refused, error)
        case .failed(let error): finishRun(.failed, error)
        }
    }

    private mutating func begin() {
        let vars: JSONObject
        do throws(StepError) {
            let variables = StepVariables(
                definition: definition, state: state, engine: engine, step: nil, iteration: [])
            vars = try definition.vars.object(try variables.activation(definition.vars.needs))
            guard hasRoom(for: JSONValue.object(vars).compactSize) else { throw .tooLarge }
        } catch {
            return finishRun(.failed, error)
        }
        let deadline = now + min(definition.spec.timeout, RunBounds.run)
        record(.began(vars: vars, deadline: deadline))
        push(.begin(block: definition.block(of: .steps), position: 0, iteration: []))
    }

    // MARK: Phases

    mutating func phaseEnded(_ phase: RunPhase, _ error: StepError?) {
        switch phase {
        case .steps:
            if let error { enter(.onFailure, .failed, error) } else { enter(.finally, .succeeded, nil) }
        case .onFailure: enter(.finally, state.outcome, state.error ?? error)
        case .finally:
            if let error, state.outcome == .succeeded {
                finishRun(.failed, error)
            } else {
                finishRun(state.outcome, state.error)
            }
        }
    }

    /// Goes on with a list of steps, or behind it when it is empty.
    private mutating func enter(
        _ phase: RunPhase, _ outcome: RunStatus, _ error: StepError?, deadline: Moment? = nil
    ) {
        let block = definition.block(of: phase)
        if definition.blocks[block].steps.isEmpty {
            if phase == .onFailure {
                enter(.finally, outcome, error, deadline: deadline)
            } else {
                finishRun(outcome, error)
            }
            return
        }
        record(.phase(phase, outcome: outcome, error: error, deadline: deadline))
        push(.begin(block: block, position: 0, iteration: []))
    }

    mutating func finishRun(_ status: RunStatus, _ error: StepError?) {
        endLiveSteps { _ in true }
        forgetWork()
        let outputs = status == .succeeded ? lastOutputs : [:]
        record(.finished(status, outputs: outputs, error: error))
        perform(
            .finished(
                FinishedRun(status: status, outputs: outputs, error: error, parent: state.creation?.parent)))
    }

    private var lastOutputs: JSONObject {
        let steps = definition.blocks[definition.block(of: .steps)].steps
        for index in steps.reversed() {
            guard let step = state.steps[definition.address(index, [])], !step.outputs.isEmpty else {
                continue
            }
            return step.outputs
        }
        return [:]
    }

    /// Ends what is under way because of an error that is nobody's to handle.
    mutating func failRun(_ error: StepError, cleanup: Duration? = nil) {
        endLiveSteps { _ in true }
        forgetWork()
        let deadline = cleanup.map { now + $0 }
        switch state.phase {
        case .steps: enter(.onFailure, .failed, error, deadline: deadline)
        case .onFailure: enter(.finally, .failed, state.error ?? error, deadline: deadline)
        case .finally: finishRun(state.outcome == .succeeded ? .failed : state.outcome, state.error ?? error)
        }
    }

    private mutating func runTimedOut() {
        guard let deadline = state.deadline, now >= deadline else { return }
        let error = StepError(
            .timeout, "the run took longer than \(definition.spec.timeout.configurationText)")
        guard state.phase == .steps else {
            return finishRun(state.outcome == .succeeded ? .failed : state.outcome, state.error ?? error)
        }
        failRun(error, cleanup: RunBounds.cleanup)
    }

    private mutating func cancel(_ reason: String) {
        let error = StepError(.cancelled, reason)
        guard state.phase != .finally else { return finishRun(.cancelled, error) }
        endLiveSteps { _ in true }
        forgetWork()
        enter(.finally, .cancelled, error, deadline: now + RunBounds.cleanup)
    }

    // MARK: Going on

    private mutating func resume() {
        let paused = state.live.filter { state.steps[$0]?.isPaused == true }
        for address in paused { record(.resumed, address) }
        // One after the other: each may have to ask about a record, or end the steps around it.
        for address in paused.reversed() { push(.attempt(address)) }
    }

    private mutating func recover() {
        for address in state.live {
            guard let step = state.steps[address], step.isSending, let request = step.request else {
                continue
            }
            if request.isAtMostOnce {
                fail(
                    address,
                    StepError(
                        .unknownOutcome, "the process ended while the request was under way", step: address))
            } else {
                perform(.send(address, attempt: step.attempts, request))
            }
        }
    }
}
