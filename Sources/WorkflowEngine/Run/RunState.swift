internal import Expressions
package import JSON
package import Resources

/// Where a run stands: what its journal entries make of an empty state.
package struct RunState: Sendable {
    package private(set) var creation: RunCreation?
    package private(set) var status: RunStatus = .queued
    package private(set) var createdAt = Moment(milliseconds: 0)
    package private(set) var beganAt: Moment?
    package private(set) var endedAt: Moment?
    /// When the run, or what is left of it after its timeout, has to be through.
    package private(set) var deadline: Moment?
    package private(set) var phase: RunPhase = .steps
    /// How the run will end once `onFailure` and `finally` are through.
    package private(set) var outcome: RunStatus = .succeeded
    package private(set) var vars: JSONObject = [:]
    package private(set) var outputs: JSONObject = [:]
    package private(set) var error: StepError?
    package private(set) var steps = StepTable()
    /// The steps that are under way, in the order in which they began.
    package private(set) var live: [StepAddress] = []
    /// Messages that ended a wait of this run.
    package private(set) var consumed: Set<String> = []
    /// Steps that were begun.
    package private(set) var stepCount = 0
    /// Bytes of what it keeps, as compact JSON.
    package private(set) var size = 0
    /// The variable `event`, made once.
    private(set) var eventValue = CELValue.null

    package init() {}

    /// The state that a journal makes, from what each transaction has written.
    package init(journal texts: some Sequence<String>) throws(JournalError) {
        for text in texts {
            for entry in try JournalEntry.all(in: text) { apply(entry) }
        }
    }

    /// The state that a journal makes.
    package init(entries: some Sequence<JournalEntry>) {
        for entry in entries { apply(entry) }
    }

    package var run: RunID { creation?.run ?? RunID("") }

    /// All times that it waits for, the earliest first.
    package var timers: [(id: TimerID, at: Moment)] { timers(ahead: .zero) }

    /// The same for a shell whose time is ahead of the wall clock, because that was set back: a `sleep: {until: …}` ends by
    /// the wall clock, everything else when its duration is over.
    package func timers(ahead: Duration) -> [(id: TimerID, at: Moment)] {
        var timers = live.flatMap { steps[$0]?.timers($0, ahead: ahead) ?? [] }
        if let deadline, !status.isFinal { timers.append((.run, deadline)) }
        return timers.sorted { $0.at < $1.at }
    }

    /// What its steps wait for, in the order in which they began.
    package var waits: [(step: StepAddress, wait: WaitRegistration)] {
        live.compactMap { address in steps[address]?.wait.map { (address, $0) } }
    }

    /// The steps that are under way, in the order in which they began.
    package var liveSteps: [(address: StepAddress, state: StepState)] {
        live.compactMap { address in steps[address].map { (address, $0) } }
    }

    /// The steps in the order in which they began.
    package var orderedSteps: [(address: StepAddress, state: StepState)] {
        steps.map { ($0.key, $0.value) }.sorted { $0.1.position < $1.1.position }
    }
}

extension RunState {
    /// Makes an entry part of the state.
    package mutating func apply(_ entry: JournalEntry) {
        if let step = entry.step {
            apply(entry.fact, to: step, at: entry.at)
            updateStatus()
        } else {
            apply(entry.fact, at: entry.at)
        }
    }

    private mutating func apply(_ fact: JournalEntry.Fact, at: Moment) {
        switch fact {
        case .created(let creation):
            self.creation = creation
            createdAt = at
            status = .queued
            eventValue = creation.event.value
            size += creation.event.json.compactSize
        case .began(let vars, let deadline):
            self.vars = vars
            self.deadline = deadline
            beganAt = at
            status = .running
            size += JSONValue.object(vars).compactSize
        case .phase(let phase, let outcome, let error, let deadline):
            self.phase = phase
            self.outcome = outcome
            self.error = error
            self.deadline = deadline ?? self.deadline
            updateStatus()
        case .finished(let status, let outputs, let error):
            self.status = status
            self.outputs = outputs
            self.error = error
            endedAt = at
            deadline = nil
        default: break
        }
    }

    private mutating func apply(_ fact: JournalEntry.Fact, to step: StepAddress, at: Moment) {
        if case .started(let timeoutAt) = fact {
            var state = StepState(.running, position: steps.count, startedAt: at)
            state.timeoutAt = timeoutAt
            steps[step] = state
            live.append(step)
            stepCount += 1
        } else if case .restored(let status, let outputs) = fact {
            var state = StepState(status, position: steps.count, startedAt: nil)
            state.outputs = outputs
            state.isRestored = true
            steps[step] = state
            size += JSONValue.object(outputs).compactSize
        } else if case .ended(let status, let outputs, let error) = fact {
            end(step, status, outputs, error, at)
        } else if case .received(let message) = fact {
            consumed.insert(message)
            steps[step]?.message = message
        } else {
            let position = steps.count
            size += steps[step, default: StepState(.running, position: position, startedAt: at)].apply(fact)
        }
    }

    private mutating func end(
        _ step: StepAddress, _ status: StepStatus, _ outputs: JSONObject?, _ error: StepError?, _ at: Moment
    ) {
        // A step that was skipped never began.
        var state = steps[step] ?? StepState(.pending, position: steps.count, startedAt: nil)
        if let index = live.lastIndex(of: step) { live.remove(at: index) }
        state.end(status, outputs, error, at)
        steps[step] = state
        if let outputs { size += JSONValue.object(outputs).compactSize }
    }

    private mutating func updateStatus() {
        guard !status.isFinal, beganAt != nil else { return }
        var (isPaused, isBusy) = (false, live.isEmpty)
        for address in live {
            guard let step = steps[address] else { continue }
            isPaused = isPaused || step.isPaused
            isBusy = isBusy || step.isSending
        }
        status = isBusy ? .running : isPaused && !hasMoreToDo ? .paused : .waiting
    }

    /// Whether something besides paused steps will go on by itself.
    private var hasMoreToDo: Bool {
        live.contains { address in
            guard let step = steps[address] else { return false }
            return step.wait != nil || step.retryAt != nil || step.sleepUntil != nil || step.isCalling
        }
    }
}

extension StepState {
    /// Makes a fact about the step part of it; returns by how many bytes it grew.
    mutating func apply(_ fact: JournalEntry.Fact) -> Int {
        switch fact {
        case .sending(let attempt, let plan):
            (status, attempts, isSending, retryAt) = (.running, attempt, true, nil)
            guard let plan else { return 0 }
            request = plan
            key = plan.idempotencyKey
            sent = plan
            return plan.body?.json.compactSize ?? 0
        case .waiting(let wait):
            (status, self.wait, retryAt) = (.waiting, wait, nil)
            attempts += 1
            values = wait.readable
        case .sleeping(let until), .sleepingUntil(let until):
            (status, sleepUntil, retryAt) = (.waiting, until, nil)
            if case .sleepingUntil = fact { sleepsUntilMoment = true }
            attempts += 1
            values = ["until": .string(until.description)]
        case .calling(let workflow, let inputs):
            (status, isCalling, retryAt) = (.waiting, true, nil)
            attempts += 1
            values = ["workflow": .string(workflow), "with": .object(inputs)]
            return values?.compactSize ?? 0
        case .acting(let inputs):
            (status, retryAt) = (.running, nil)
            attempts += 1
            values = inputs
            return inputs.compactSize
        case .postponed(let until): (status, retryAt) = (.waiting, until)
        case .chosen(let index): choice = index
        case .looping(let items):
            loop = Loop(items: items)
            return JSONValue.array(items).compactSize
        case .iterationBegan(let index):
            loop?.begun = index + 1
            loop?.running += 1
        case .iterationEnded(_, let status, let error):
            loop?.running -= 1
            if status == .failed { loop?.failed += 1 } else { loop?.succeeded += 1 }
            if loop?.error == nil { loop?.error = error }
        case .branchEnded(let index, let status, let error):
            branches[index] = status
            if self.error == nil { self.error = error }
        case .catching(let index, let error):
            (handler, self.error, status) = (index, error, .running)
            isOutcomeUnknown = isOutcomeUnknown || error.type == .unknownOutcome
            stopWaiting()
        case .retrying(let at, let error):
            stopWaiting()
            (retryAt, self.error, status) = (at, error, .waiting)
        case .paused(let error):
            stopWaiting()
            (isPaused, self.error, status) = (true, error, .waiting)
        case .again(let timeoutAt):
            (status, retryAt, self.timeoutAt) = (.running, nil, timeoutAt)
        case .answered: (isSending, isCalling) = (false, false)
        case .resumed:
            isPaused = false
            forgivenAttempts = attempts
        default: break
        }
        return 0
    }

    mutating func end(
        _ status: StepStatus, _ outputs: JSONObject?, _ error: StepError?, _ at: Moment
    ) {
        if isSending || (handler == nil && error?.type == .unknownOutcome) { isOutcomeUnknown = true }
        self.status = status
        if let outputs { self.outputs = outputs }
        if let error { self.error = error }
        stopWaiting()
        isPaused = false
        request = nil
        loop = nil
        endedAt = at
    }

    private mutating func stopWaiting() {
        (isSending, isCalling, wait) = (false, false, nil)
        (retryAt, sleepUntil, timeoutAt) = (nil, nil, nil)
    }
}
