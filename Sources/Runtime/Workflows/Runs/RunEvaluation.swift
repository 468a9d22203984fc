import JSON
import Resources
import Store
import WorkflowEngine

/// What inputs do to a run: everything that one transaction holds, and what is done after it. Pure.
struct RunEvaluation {
    private let run: LoadedRun
    private let engine: WorkflowEngine
    private let live: RuntimeConfiguration
    private let now: UnixTime
    private let ahead: Duration
    private let newULID: @Sendable () -> String
    private var operations: RecordOperations

    private(set) var state: RunState
    private(set) var entries: [JournalEntry] = []
    private(set) var events: [NewEvent] = []
    /// Runs of called workflows, by the place of their event.
    private(set) var children: [Int: [NewRun]] = [:]
    private(set) var begins: [RunProgress.Wait] = []
    private(set) var ends: [String] = []
    private(set) var takes: [String] = []
    private(set) var finished: FinishedRun?
    /// After the transaction: requests to send, and steps that do not want theirs any more.
    private(set) var requests: [RequestOrder] = []
    private(set) var abandoned: [StepAddress] = []
    private var contributions: [Contribution] = []
    private var refusals: [RunInput] = []

    init(
        _ run: LoadedRun, engine: WorkflowEngine, live: RuntimeConfiguration, reads: RecordReads,
        numbers: [String: Int64], _ reading: RunClock.Reading, newULID: @escaping @Sendable () -> String
    ) {
        (self.run, self.engine, self.live, self.newULID) = (run, engine, live, newULID)
        (now, ahead) = (reading.now, reading.ahead)
        operations = RecordOperations(
            reads: reads, live: live, actor: run.actor, now: now, newULID: newULID, numbers: numbers)
        state = run.state
    }

    /// Whether nothing of the run changes but its journal, as far as its row does not say otherwise.
    var changesOnlyEntries: Bool { begins.isEmpty && ends.isEmpty && takes.isEmpty && finished == nil }

    /// What the transaction writes besides the events and the run's progress.
    var writes: [Contribution] { operations.contributions + contributions }

    /// - Parameter time: of the input; now unless it is an earlier one.
    /// - Throws: `RecordReads.Missing`.
    mutating func handle(_ input: RunInput, at time: UnixTime? = nil) throws {
        let moment = Moment(time ?? now)
        var transition = engine.advance(run.workflow.definition, state, input, now: moment, ahead: ahead)
        var performed = 0
        while true {
            for effect in transition.effects[performed...] { perform(effect) }
            performed = transition.effects.count
            guard let operation = transition.operation else { break }
            let result = try operations.perform(operation)
            events += operations.takeEvents().map(caused)
            transition = engine.answer(transition, with: result)
        }
        state = transition.state
        entries += transition.entries
        while !refusals.isEmpty { try handle(refusals.removeFirst(), at: time) }
    }

    private mutating func perform(_ effect: Effect) {
        switch effect {
        case .openWait(let step, let registration):
            begins.append(
                .init(
                    step: step.description, source: registration.source.stored, key: key(registration, step)))
        case .closeWait(let step):
            let name = step.description
            let opened = begins.count
            begins.removeAll { $0.step == name }
            if begins.count == opened { ends.append(name) }
        case .consume(let message, _): takes.append(message)
        case .emit(_, let type, let data):
            events.append(
                caused(
                    NewEvent(
                        type: type, ts: now.description, data: JSONValue.object(data).utf8, source: run.actor)
                ))
        case .startChild(let step, let attempt, let workflow, let inputs):
            startChild(step, attempt: attempt, workflow, inputs)
        case .cancelChild(let step):
            contributions.append(.cancelChild(of: run.sequence, step: step.description, now: now))
        case .finished(let result): finished = result
        case .send(let step, let attempt, let plan):
            requests.append(
                RequestOrder(run: run.sequence, id: run.id, step: step, attempt: attempt, plan: plan))
        case .abandon(let step):
            abandoned.append(step)
            requests.removeAll { $0.step == step }
        }
    }

    private func caused(_ event: NewEvent) -> NewEvent { event.with(chain: run.chain.json.text) }

    private func key(_ registration: WaitRegistration, _ step: StepAddress) -> String {
        switch registration.source {
        case .inbound(_, let key), .event(_, let key): key
        case .callback: CallbackToken.key(run: run.id, step: step)
        }
    }

    // MARK: Called workflows

    private mutating func startChild(
        _ step: StepAddress, attempt: Int, _ name: String, _ inputs: JSONObject
    ) {
        guard let workflow = live.workflows[name] else {
            let error = StepError(.notFound, "there is no workflow `\(name)`", step: step)
            refusals.append(.child(step, attempt: attempt, .refused(error)))
            return
        }
        let starts = RunStarts(now: now, newULID: newULID)
        let (event, manual) = starts.manual(workflow, inputs: inputs, source: run.actor, chain: run.chain)
        var child = manual
        child.parent = .init(run: run.sequence, step: step.description, attempt: attempt)
        let decide = child.decide
        child.decide = { situation in
            // A step waits for it, so what would leave no trace is recorded.
            guard case .skip = decide(situation) else { return decide(situation) }
            let error = StepError(
                .call, "`\(name)` was not started: its rules for repeated or parallel runs forbid it")
            return .start(.refused, error: error.json.text)
        }
        children[events.count] = [child]
        events.append(event)
    }
}

extension WaitRegistration.Source {
    fileprivate var stored: WaitSource {
        switch self {
        case .inbound(let endpoint, _): .inbound(endpoint: endpoint)
        case .callback: .callback
        case .event(let pattern, _): .event(pattern: pattern.text)
        }
    }
}
