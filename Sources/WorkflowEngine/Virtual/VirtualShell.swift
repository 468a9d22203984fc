package import JSON
internal import Resources

/// A shell without storage, network or clock: what the production shell does with a database, this one does in memory, in
/// virtual time. It runs the tests of workflows; the simulation of the engine has a rougher one of its own.
///
/// What it would store survives ``crash()``; what it only knows, such as requests under way, does not.
package struct VirtualShell: Sendable {
    /// A run and its journal.
    package struct Run: Sendable {
        package let definition: WorkflowDefinition
        package fileprivate(set) var journal: [String] = []
        package fileprivate(set) var state = RunState()
        /// Messages before this one are older than the run.
        fileprivate let firstMessage: Int
        /// Messages before this one were offered to the step and not wanted.
        fileprivate var offered: [StepAddress: Int] = [:]
    }

    /// An event that a run caused.
    package struct Caused: Sendable {
        package let run: RunID
        package let type: String
        package let data: JSONObject
    }

    /// A request that is under way.
    package struct Exchange: Sendable {
        package let run: RunID
        package let step: StepAddress
        package let attempt: Int
        package let plan: RequestPlan
        package let outcome: HTTPOutcome
        package let due: Moment
    }

    private struct Finished: Sendable {
        let parent: RunStart.Parent
        let outcome: ChildOutcome
    }

    package let engine: WorkflowEngine
    package var now: Moment

    // What would be stored.
    package private(set) var runs: [RunID: Run] = [:]
    package private(set) var order: [RunID] = []
    package var records = VirtualRecords()
    package private(set) var events: [Caused] = []
    package private(set) var mailbox: [VirtualMessage] = []
    private var finished: [Finished] = []
    private var cancelled: [RunID] = []
    private var pending: [RunStart] = []
    package private(set) var commits = 0

    // What would not.
    package private(set) var exchanges: [Exchange] = []

    /// The workflows that a step `call` can start.
    private let workflows: [String: WorkflowDefinition]
    /// What comes of a request, and after which time.
    private let answer: @Sendable (RunID, StepAddress, Int, RequestPlan) -> (HTTPOutcome, Duration)
    /// Whether the process dies right after the commit with this number, before it does anything else.
    private let diesAfter: @Sendable (Int) -> Bool

    package init(
        workflows: [WorkflowDefinition], now: Moment,
        answer: @escaping @Sendable (RunID, StepAddress, Int, RequestPlan) -> (HTTPOutcome, Duration),
        diesAfter: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) {
        engine = WorkflowEngine { run, step in
            "https://sync.example.com/api/webhooks/callbacks/\(run):\(step)"
        }
        self.workflows = Dictionary(workflows.map { ($0.name, $0) }) { first, _ in first }
        self.now = now
        self.answer = answer
        self.diesAfter = diesAfter
    }

    // MARK: What happens from outside

    package mutating func start(_ start: RunStart, of definition: WorkflowDefinition) {
        runs[start.run] = Run(definition: definition, firstMessage: mailbox.count)
        order.append(start.run)
        apply(.start(start), to: start.run)
        settle()
    }

    package mutating func receive(_ message: VirtualMessage) {
        mailbox.append(message)
        committed()
        settle()
    }

    package mutating func input(_ input: RunInput, to run: RunID) {
        apply(input, to: run)
        settle()
    }

    /// The time at which something will happen by itself; nil when nothing will.
    package var nextDue: Moment? {
        var due = exchanges.map(\.due)
        for id in order {
            guard let state = runs[id]?.state, let timer = state.timers.first else { continue }
            due.append(timer.at)
        }
        return due.min()
    }

    /// Does what is due: answers first, then timers.
    package mutating func work() {
        while let exchange = exchanges.enumerated().filter({ $0.element.due <= now }).min(by: {
            $0.element.due < $1.element.due
        }) {
            exchanges.remove(at: exchange.offset)
            let (run, step, attempt) = (
                exchange.element.run, exchange.element.step, exchange.element.attempt
            )
            apply(.http(step, attempt: attempt, exchange.element.outcome), to: run)
            settle()
        }
        for run in order {
            while let timer = runs[run]?.state.timers.first, timer.at <= now {
                apply(.timer(timer.id), to: run)
                settle()
            }
        }
    }

    /// The process dies and comes back: states are made from their journals, requests under way are lost.
    package mutating func crash() {
        exchanges = []
        for id in order {
            guard var run = runs[id] else { continue }
            run.state = Self.replay(run.journal)
            run.offered = [:]
            runs[id] = run
        }
        for id in order where runs[id]?.state.status.isFinal == false { apply(.recover, to: id) }
    }

    /// - Precondition: the journal was written by this release.
    private static func replay(_ journal: [String]) -> RunState {
        do {
            return RunState(
                entries: try journal.map { (text) throws(JournalError) in try JournalEntry(text: text) })
        } catch {
            preconditionFailure("a journal that was written can be read: \(error)")
        }
    }

    // MARK: Transactions

    /// One transaction: the entries, the records, the events and the runs that are called.
    private mutating func apply(_ input: RunInput, to id: RunID) {
        guard let run = runs[id] else { return }
        var records = records
        var events: [Caused] = []
        var transition = engine.advance(run.definition, run.state, input, now: now)
        while let operation = transition.operation {
            let (result, caused) = records.perform(operation, now: now)
            events += caused.map { Caused(run: id, type: $0.type, data: $0.data) }
            transition = engine.answer(transition, with: result)
        }
        guard !transition.isIgnored else { return }
        self.records = records
        runs[id]?.journal += transition.entries.map(\.text)
        runs[id]?.state = transition.state
        for effect in transition.effects {
            switch effect {
            case .emit(_, let type, let data): events.append(Caused(run: id, type: type, data: data))
            case .startChild(let step, let attempt, let workflow, let inputs):
                startChild(of: id, step, attempt, workflow, inputs)
            case .cancelChild(let step): cancelled += children(of: id, step)
            case .finished(let end):
                if let parent = end.parent {
                    finished.append(Finished(parent: parent, outcome: end.childOutcome))
                }
            case .openWait(let step, _): runs[id]?.offered[step] = nil
            default: break
            }
        }
        for event in events { post(event) }
        // What changes nothing that is stored is no transaction.
        guard transition.entries.isEmpty || committed() else { return }
        for effect in transition.effects { perform(effect, of: id) }
    }

    /// What a run causes is offered to those that wait for it.
    private mutating func post(_ event: Caused) {
        events.append(event)
        guard let record = event.data["id"]?.string else { return }
        let message = WaitMessage(id: "evt_\(events.count)", data: .object(event.data), receivedAt: now)
        mailbox.append(VirtualMessage(target: .event(type: event.type, record: record), message: message))
    }

    private mutating func perform(_ effect: Effect, of run: RunID) {
        switch effect {
        case .send(let step, let attempt, let plan):
            let (outcome, delay) = answer(run, step, attempt, plan)
            exchanges.removeAll { $0.run == run && $0.step == step }
            if delay < plan.timeout {
                exchanges.append(
                    Exchange(
                        run: run, step: step, attempt: attempt, plan: plan, outcome: outcome, due: now + delay
                    ))
            } else {
                let outcome = HTTPOutcome.failed(
                    .timeout, message: "no answer within \(plan.timeout.configurationText)",
                    mayHaveArrived: true)
                exchanges.append(
                    Exchange(
                        run: run, step: step, attempt: attempt, plan: plan, outcome: outcome,
                        due: now + plan.timeout))
            }
        case .abandon(let step): exchanges.removeAll { $0.run == run && $0.step == step }
        default: break
        }
    }

    /// Counts a transaction; false when the process died after it, and has come back.
    @discardableResult
    private mutating func committed() -> Bool {
        commits += 1
        guard diesAfter(commits) else { return true }
        crash()
        return false
    }

    // MARK: Runs that are called

    private mutating func startChild(
        of parent: RunID, _ step: StepAddress, _ attempt: Int, _ workflow: String, _ inputs: JSONObject
    ) {
        let link = RunStart.Parent(run: parent, step: step, attempt: attempt)
        func refuse(_ type: ErrorType, _ message: String) {
            finished.append(Finished(parent: link, outcome: .refused(StepError(type, message))))
        }
        guard let definition = workflows[workflow] else {
            return refuse(.notFound, "there is no workflow `\(workflow)`")
        }
        var event = TriggerEvent(
            id: "\(parent)/\(step)/\(attempt)", type: "manual", ts: now.description, data: .object(inputs))
        event.chain = runs[parent]?.state.creation?.chain
        let (candidate, checked) = definition.manualCandidate(for: event)
        if let error = candidate.error { return refuse(error.type, error.message) }
        guard (event.chain?.depth ?? 0) < definition.spec.loops.maxDepth else {
            return refuse(.loop, "more than \(definition.spec.loops.maxDepth) runs in a row")
        }
        let id = RunID(event.id)
        var start = RunStart(
            run: id, event: checked,
            chain: StartDecision.chain(of: id, workflow: workflow, event: checked))
        start.parent = link
        runs[id] = Run(definition: definition, firstMessage: mailbox.count)
        order.append(id)
        pending.append(start)
    }

    /// Also those that the same transaction has called, which have no journal yet.
    private func children(of run: RunID, _ step: StepAddress) -> [RunID] {
        func isChild(_ parent: RunStart.Parent?) -> Bool { parent?.run == run && parent?.step == step }
        let begun = order.filter { id in
            guard let state = runs[id]?.state else { return false }
            return !state.status.isFinal && isChild(state.creation?.parent)
        }
        return begun + pending.filter { isChild($0.parent) }.map(\.run)
    }

    // MARK: Settling

    /// Hands out what is stored and waits for a run, until nothing is left.
    private mutating func settle() {
        while step() {}
    }

    private mutating func step() -> Bool {
        if let start = pending.first {
            pending.removeFirst()
            apply(.start(start), to: start.run)
            return true
        }
        if let end = finished.first {
            finished.removeFirst()
            apply(.child(end.parent.step, attempt: end.parent.attempt, end.outcome), to: end.parent.run)
            return true
        }
        if let run = cancelled.first {
            cancelled.removeFirst()
            apply(.cancel(reason: "the step that called it has ended"), to: run)
            return true
        }
        return offerMessages()
    }

    private mutating func offerMessages() -> Bool {
        for id in order {
            guard let run = runs[id], !run.state.status.isFinal else { continue }
            for (step, wait) in run.state.waits {
                let first = run.offered[step] ?? run.firstMessage
                guard first < mailbox.count else { continue }
                runs[id]?.offered[step] = mailbox.count
                for index in first..<mailbox.count where mailbox[index].fits(wait, of: id, step) {
                    let entries = runs[id]?.journal.count
                    apply(.message(step, mailbox[index].message), to: id)
                    if runs[id]?.journal.count != entries { return true }
                }
            }
        }
        return false
    }
}
