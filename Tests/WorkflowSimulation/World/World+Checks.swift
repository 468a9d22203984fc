import JSON
import Resources
import WorkflowEngine

/// What holds after every transaction, and at the end.
extension World {
    func check(_ run: WorldRun) throws {
        let state = run.state
        guard !state.status.isFinal else {
            try require(state.live.isEmpty, "\(run.id) has ended, and \(state.live) have not")
            try checkCalledRuns(run)
            try require(run.waits.isEmpty && run.outstanding.isEmpty, "\(run.id) has ended, and waits")
            return try require(state.timers.isEmpty, "\(run.id) has ended, and has timers")
        }
        let waits = state.waits
        try require(
            waits.count == run.waits.count && waits.allSatisfy { run.waits[$0.step] == $0.wait },
            "the waits of \(run.id) are \(run.waits), not \(waits)")
        try require(
            run.outstanding.allSatisfy { state.steps[$0.key]?.isSending == true },
            "a request is out for nobody")
        try checkLiveSteps(run)
        try checkCalledRuns(run)
        if let limit = run.workflow.model.concurrency?.limit, run.holdsSlot {
            let same = active.filter {
                $0.workflow.name == run.workflow.name && $0.holdsSlot
                    && $0.concurrencyKey == run.concurrencyKey
                    && $0.start.lineage == nil
            }
            try require(same.count <= limit, "\(same.count) runs have the key of \(run.id)")
        }
    }

    /// Every step that is under way has something that will wake it, and something around it that wants it.
    private func checkLiveSteps(_ run: WorldRun) throws {
        let state = run.state
        var parents: Set<StepAddress> = []
        var elements: [StepAddress: Set<Int>] = [:]
        var isPaused = false
        var isAwake = state.live.isEmpty
        for address in state.live {
            guard let place = run.workflow.outline.places[address.step] else { continue }
            guard let id = place.parent, let parent = run.workflow.outline.places[id]?.step else { continue }
            let around = StepAddress(id, iteration: Array(address.iteration.prefix(parent.loops.count)))
            parents.insert(around)
            if address.iteration.count > around.iteration.count {
                elements[around, default: []].insert(address.iteration.last ?? 0)
            }
            try require(
                state.steps[around]?.status.isFinal == false, "\(address) goes on, and \(around) has ended")
            try require(
                run.history.handling.contains(around) == place.isInHandler,
                "\(address) goes on, and \(around) deals with an error")
        }
        for (loop, iterations) in elements {
            guard case .loop(_, let concurrency, _, _) = run.workflow.step(loop)?.action else { continue }
            try require(iterations.count <= concurrency, "\(loop) is at \(iterations.count) elements at once")
        }
        for address in state.live {
            guard let step = state.steps[address] else { throw Finding("\(address) is unknown") }
            let isOuter =
                run.workflow.step(address)?.holdsSteps == true || run.history.handling.contains(address)
            if isOuter {
                try require(parents.contains(address), "nothing goes on in \(address)")
                continue
            }
            if step.isPaused { isPaused = true } else { isAwake = true }
            let isSending = step.isSending && run.outstanding[address] == step.attempts
            let isCalling = step.isCalling && runs[Self.child(of: run.id, address, step.attempts)] != nil
            try require(
                isSending || isCalling || step.wait != nil || step.retryAt != nil || step.sleepUntil != nil
                    || step.isPaused, "nothing will wake \(address)")
        }
        guard state.beganAt != nil else { return }
        try require(
            (state.status == .paused) == (isPaused && !isAwake), "\(run.id) is \(state.status)")
    }

    /// A run that was called goes on only while its step waits for it.
    private func checkCalledRuns(_ run: WorldRun) throws {
        for child in active {
            guard let parent = child.start.parent, parent.run == run.id else { continue }
            let step = run.state.steps[parent.step]
            let isWanted = step?.isCalling == true && step?.attempts == parent.attempt
            try require(
                isWanted || child.command == .cancel || child.facts.cancellation != nil,
                "\(child.id) goes on, and \(parent.step) has ended")
        }
    }

    /// A message that a step takes: it is for this step, satisfies the condition, came after the run did, and there is no older
    /// one.
    func check(_ id: String, for step: StepAddress, _ model: ModelStep, _ run: WorldRun) throws(Finding) {
        guard let index = messages[id], case .wait(let wait) = model.action else {
            throw Finding("\(step) takes the message \(id), which is none")
        }
        let target = wait.target(run.id, step)
        try require(mailbox[index].target == target, "\(step) takes a message that is for another")
        try require(mailbox[index].isWanted, "\(step) takes a message that does not match")
        try require(index >= run.floor, "\(step) takes a message from before the run")
        let older = mail(for: target).first {
            $0 >= run.floor && $0 < index && mailbox[$0].isWanted
                && !run.history.messages.contains(mailbox[$0].message.id)
        }
        try require(older == nil, "\(step) takes \(id), and an older message is there")
    }

    // MARK: At the end

    func conclude() throws {
        for run in order {
            do { try compare(run) } catch let finding as Finding {
                throw Finding("\(run.id): \(finding)")
            }
        }
        try checkRecords()
    }

    private func compare(_ run: WorldRun) throws {
        let (state, oracle) = (run.state, Oracle(run.workflow.model, run.facts))
        if let status = oracle.status {
            try require(
                state.status == status,
                "it is \(state.status), not \(status): \(String(describing: state.error))")
        } else {
            try require(run.facts.isTimedOut, "it ended, and should have been stuck")
            try require(state.status == .failed, "it took too long, and is \(state.status)")
        }
        for (address, status) in oracle.statuses {
            let actual = state.steps[address]?.status
            try require(actual == status, "\(address) is \(actual?.rawValue ?? "absent"), not \(status)")
        }
        for (address, step) in state.steps {
            let isKnown = oracle.statuses[address] != nil || oracle.uncertain.contains(address.step)
            try require(isKnown, "\(address) ran, and should not have")
            try require(step.status.isFinal, "\(address) is left \(step.status)")
            try checkEffects(run, address, step, isSure: oracle.succeededByAction.contains(address))
        }
        let replayed = Self.replay(run.journal)
        try require(replayed.summary == state.summary, "the journal does not make the state")
    }

    /// What a step has done, and what it says that it came to.
    private func checkEffects(
        _ run: WorldRun, _ address: StepAddress, _ step: StepState, isSure: Bool
    ) throws {
        guard let model = run.workflow.step(address), run.facts.restored[address] == nil else { return }
        let operations = run.history.operations[address]?.done ?? 0
        let emitted = run.history.emitted[address] ?? 0
        let hasSucceeded = step.status == .succeeded && (isSure || model.handlers.isEmpty)
        try require(operations <= 1 && emitted <= 1, "\(address) did it twice")
        if operations + emitted > 0 { try require(step.status == .succeeded, "\(address) is \(step.status)") }
        guard hasSucceeded else { return }
        let name = ([run.id.text, address.step] + address.iteration.map(String.init)).joined(separator: "/")
        switch model.action {
        case .create, .update, .upsert, .find: try require(operations == 1, "\(address) has no effect")
        case .emit: try require(emitted == 1, "\(address) has no effect")
        case .set: try require(step.outputs == ["v": .string(name)], "\(address) has the wrong outputs")
        case .http(let request) where request.hasOutputs:
            let last = request.answer(step.attempts, run.facts.generation)
            guard case .status(let status, _) = last else { throw Finding("\(address) had no answer") }
            let outputs: JSONObject = [
                "code": .number(JSONNumber(status)), "n": .number(JSONNumber(step.attempts)),
            ]
            try require(step.outputs == outputs, "\(address) has the wrong outputs")
        case .call:
            let child = runs[Self.child(of: run.id, address, step.attempts)]
            try require(step.outputs == child?.finished?.outputs, "\(address) has not what its run came to")
        case .loop(let count, _, _, _):
            try require(step.outputs == ["count": .number(JSONNumber(count))], "\(address) counts wrong")
        case .wait(let wait):
            let isOver = step.outputs["timedOut"] == true
            try require(isOver == (step.message == nil), "\(address) says that it timed out")
            if case .never = wait.arrival { try require(isOver, "\(address) had a message") }
        default: break
        }
    }

    /// Each record that a step made is there once.
    private func checkRecords() throws {
        var made: [String: Int] = [:]
        for record in records.all(.ticket) where record["id"] != "tkt_known" {
            made[record["subject"]?.string ?? "", default: 0] += 1
        }
        try require(made.values.allSatisfy { $0 == 1 }, "a record is there twice: \(made)")
        var count = 0
        for run in order {
            for (address, operations) in run.history.operations where operations.done == 1 {
                switch run.workflow.step(address)?.action {
                case .create, .upsert: count += 1
                default: break
                }
            }
        }
        try require(made.count == count, "\(made.count) records are there, and \(count) were made")
    }
}
