import JSON
import Resources
import TestSupport
import WorkflowEngine

/// A shell around the engine that does what the production shell does with a database, in memory, and whatever may go wrong on
/// the way: it dies before and after any commit and any request, its clock jumps, and what comes from outside is early, late,
/// doubled, or for nobody.
///
/// It looks at every transaction and throws a ``Finding`` for what must not be.
final class World {
    static let start = Moment(milliseconds: 1_767_225_600_000)

    var random: SeededRandom
    /// Their live revisions.
    var workflows: [WorldWorkflow]
    /// The revisions that come after those.
    var revisions: [[ModelWorkflow]]
    let engine = WorkflowEngine { run, step in "https://sync.example.com/\(run)/\(step)" }
    /// Time as runs see it.
    var now = World.start
    /// By how much that is ahead of the wall clock, because the clock was set back.
    var ahead = Duration.zero
    /// Percent of the points at which the process may die where it does.
    let fragility: Int
    private var deaths = 0
    /// With many runs at once, each of which may die of what the others do, no answer would ever come in time.
    private static let deathLimit = 1_000
    var hasGoneBack = false

    // What would be stored.
    var runs: [RunID: WorldRun] = [:]
    var order: [WorldRun] = []
    /// Those that have not ended, in their order.
    var active: [WorldRun] = []
    private(set) var mailbox: [WorldMessage] = []
    private var mail: [WorldMessage.Target: [Int]] = [:]
    private(set) var messages: [String: Int] = [:]
    /// Runs that a person will repeat.
    var repeats: [WorldRun] = []
    var records = VirtualRecords()
    /// Runs by the root of their chain.
    var chains: [String: Int] = [:]
    private(set) var eventCount = 0
    var schedules: [WorldSchedule] = []
    /// Requests to the endpoint that come yet.
    var requests = 0

    // What would not.
    /// Workflows, by their place, whose older runs have to be ended yet, and whether those that a person has repeated too.
    var rollouts: [Int: Bool] = [:]
    var exchanges: [Exchange] = []
    var network = Network()
    /// What happened, for people; nil when nobody wants to know.
    var trace: [String]?

    /// - Parameter models: the revisions of each workflow.
    init(_ models: [[ModelWorkflow]], random: SeededRandom) throws {
        self.random = random
        fragility = self.random.pick([0, 1, 5, 20])
        workflows = try models.compactMap(\.first).map { try WorldWorkflow($0, WorldRules()) }
        revisions = models.map { Array($0.dropFirst()) }
        schedules = workflows.indices.flatMap { place in
            WorldSchedule.all(of: workflows[place].model, place, since: Self.start)
        }
        for place in schedules.indices { schedules[place].left = self.random.pick(1...4) }
        requests = self.random.pick(0...4)
        records.put(.ticket, ["id": "tkt_known", "key": "INC-1", "subject": "known"])
    }

    func note(_ text: @autoclosure () -> String) {
        if trace != nil { trace?.append("\(now) \(text())") }
    }

    var wallClock: Moment { now + (.zero - ahead) }

    /// The clock is set back: it jumps, or, in a process that has seen it, time goes on ahead of it.
    func setBack(_ duration: Duration, isSeen: Bool) {
        if isSeen {
            ahead += duration
        } else {
            now = max(Self.start, now + (.zero - duration))
            hasGoneBack = true
        }
        clockWasSet()
    }

    /// The clock is set forward: it catches up with what it was set back before.
    func setForward(_ duration: Duration) {
        let caughtUp = min(duration, ahead)
        ahead -= caughtUp
        now = now + (duration - caughtUp)
        clockWasSet()
    }

    private func clockWasSet() {
        for run in active { run.wakeAt = run.state.timers(ahead: ahead).first?.at }
    }

    func time(of event: TriggerEvent) -> Moment { eventTimes[event.id] ?? Self.start }
    private var eventTimes: [String: Moment] = [:]

    // MARK: Transactions

    /// Tells a run what there is to tell, in one transaction, and performs what follows from it.
    func turn(_ run: WorldRun, heard: [RunInput] = []) throws {
        guard !run.isFinal else { return }
        var draft = Draft(state: run.state, records: records)
        let seen = mailbox.count
        for input in inputs(of: run, heard) { try evaluate(input, run, &draft) }
        if try die("before a commit of \(run.id)") { return }
        for (step, _) in run.waits { run.seen[step] = seen }
        try commit(draft, run)
        if try die("after a commit of \(run.id)") { return }
        try perform(draft.effects, of: run)
    }

    /// What the production shell tells a run, in its order.
    private func inputs(of run: WorldRun, _ heard: [RunInput]) -> [RunInput] {
        var inputs: [RunInput] = []
        if run.isLost { inputs.append(.recover) }
        if !run.exists { inputs.append(.start(run.start)) }
        if run.mayBegin { inputs.append(.begin) }
        inputs += heard
        switch run.command {
        case .cancel: inputs.append(.cancel(reason: "told so"))
        case .resume: inputs.append(.resume)
        case nil: break
        }
        for (step, wait) in run.state.waits {
            for index in mail(for: wait, step, run) { inputs.append(.message(step, mailbox[index].message)) }
        }
        for (step, attempt) in run.calls {
            guard let outcome = runs[Self.child(of: run.id, step, attempt)]?.outcome else { continue }
            inputs.append(.child(step, attempt: attempt, outcome))
        }
        inputs += run.state.timers(ahead: ahead).prefix { $0.at <= now }.map { .timer($0.id) }
        return inputs
    }

    private func evaluate(_ input: RunInput, _ run: WorldRun, _ draft: inout Draft) throws {
        prepare(input, run, &draft)
        var transition = engine.advance(run.workflow.definition, draft.state, input, now: now, ahead: ahead)
        var refusals: [RunInput] = []
        var performed = 0
        while true {
            for effect in transition.effects[performed...] {
                if case .startChild(let step, let attempt, let name, _) = effect,
                    !workflows.contains(where: { $0.model.name == name })
                {
                    let error = StepError(.notFound, "there is no workflow `\(name)`", step: step)
                    refusals.append(.child(step, attempt: attempt, .refused(error)))
                } else {
                    draft.add(effect)
                }
            }
            performed = transition.effects.count
            guard let operation = transition.operation else { break }
            let (result, caused) = draft.records.perform(operation, now: now)
            var isDone = true
            if case .failed = result { isDone = false }
            draft.operations.append((operation.step, isDone))
            draft.caused += caused
            transition = engine.answer(transition, with: result)
        }
        draft.state = transition.state
        draft.entries += transition.entries
        for refusal in refusals { try evaluate(refusal, run, &draft) }
    }

    /// Takes note of what the oracle has to know.
    private func prepare(_ input: RunInput, _ run: WorldRun, _ draft: inout Draft) {
        let state = draft.state
        guard !state.status.isFinal else { return }
        switch input {
        case .cancel:
            if state.beganAt == nil {
                draft.cancellation = .unbegun
            } else if (draft.cancellation ?? run.facts.cancellation) != nil || state.phase == .finally {
                draft.cancellation = .atOnce
            } else {
                draft.cancellation = .once
            }
        case .timer(.run):
            if state.beganAt != nil, let deadline = state.deadline, deadline <= now {
                draft.isTimedOut = true
            }
        case .http(let step, let attempt, let outcome) where run.outstanding[step] == attempt:
            draft.outcomes.append((step, Network.Outcome(outcome)))
        default: break
        }
    }

    private func commit(_ draft: Draft, _ run: WorldRun) throws {
        (run.command, run.mayBegin, run.isLost) = (nil, false, false)
        (run.state, run.isReplayed) = (draft.state, false)
        run.wakeAt = draft.state.timers(ahead: ahead).first?.at
        run.journal += draft.entries.map(\.text)
        records = draft.records
        run.facts.cancellation = draft.cancellation ?? run.facts.cancellation
        run.facts.isTimedOut = run.facts.isTimedOut || draft.isTimedOut
        for entry in draft.entries {
            note("  \(run.id) \(entry.text)")
            try run.history.add(entry, run, self)
        }
        for (step, isDone) in draft.operations { run.history.performed(step, isDone: isDone) }
        for outcome in draft.outcomes { network.recorded(run.id, outcome.step, outcome.outcome) }
        try keepTables(draft, run)
        for event in draft.caused { try post(event.type, event.data, from: run) }
        for event in draft.events {
            run.history.emitted(event.step)
            try post(event.type, event.data, from: run)
        }
        for call in draft.calls { try start(call, from: run) }
        // A run that the same transaction has called is there already.
        for case .cancelChild(let step) in draft.effects {
            for child in active where child.start.parent?.run == run.id && child.start.parent?.step == step {
                child.command = .cancel
            }
        }
        if let finished = draft.finished { try end(run, finished) }
        try check(run)
    }

    private func keepTables(_ draft: Draft, _ run: WorldRun) throws {
        for (step, _) in draft.outcomes { run.outstanding[step] = nil }
        for effect in draft.effects {
            switch effect {
            case .openWait(let step, let wait):
                try require(run.waits.updateValue(wait, forKey: step) == nil, "\(step) waits twice")
                run.seen[step] = nil
            case .closeWait(let step):
                try require(run.waits.removeValue(forKey: step) != nil, "\(step) ends a wait that is none")
            case .send(let step, let attempt, _): run.outstanding[step] = attempt
            case .abandon(let step): run.outstanding[step] = nil
            default: break
            }
        }
    }

    private func end(_ run: WorldRun, _ finished: FinishedRun) throws {
        active.removeAll { $0 === run }
        run.holdsSlot = false
        run.finished = finished
        if [.failed, .cancelled].contains(finished.status), run.facts.generation == 0,
            run.start.parent == nil, random.chance(40)
        {
            repeats.append(run)
        }
        try require(finished.status == run.state.status, "it ends as \(finished.status)")
        if let parent = run.start.parent, let caller = runs[parent.run] {
            caller.facts.children[parent.step, default: [:]][parent.attempt] = finished.status
        }
        releaseQueued()
    }

    // MARK: Death

    /// The process may die here; true when it did, and has come back.
    func die(_ place: @autoclosure () -> String) throws(Finding) -> Bool {
        guard fragility > 0, deaths < Self.deathLimit, random.chance(fragility) else { return false }
        deaths += 1
        note("dies \(place())")
        try crash()
        return true
    }

    /// States are made from their journals, requests under way are lost.
    func crash() throws(Finding) {
        exchanges = []
        // Nobody knows whether it was done; what a person has repeated since then is left alone.
        rollouts = [:]
        for place in workflows.indices where workflows[place].model.endsOlder { rollouts[place] = false }
        for run in active {
            run.isLost = run.exists
            for step in run.outstanding.keys {
                guard case .http(let request) = run.workflow.step(step)?.action else { continue }
                if request.isAtMostOnce { run.facts.lost.insert(step) }
                network.recorded(run.id, step, .unknown)
            }
            guard !run.isReplayed else { continue }
            let kept = run.state
            run.state = Self.replay(run.journal)
            run.isReplayed = true
            guard random.chance(5) else { continue }
            try require(kept.summary == run.state.summary, "the journal of \(run.id) does not make its state")
        }
    }

    static func replay(_ journal: [String]) -> RunState {
        do {
            return RunState(
                entries: try journal.map { (text) throws(JournalError) in try JournalEntry(text: text) })
        } catch {
            preconditionFailure("a journal that was written can be read: \(error)")
        }
    }

    // MARK: Requests

    private func perform(_ effects: [Effect], of run: WorldRun) throws {
        for effect in effects {
            switch effect {
            case .send(let step, let attempt, let plan):
                // A later effect of the same transaction may have taken it back.
                guard run.outstanding[step] == attempt else { continue }
                if try die("before a request of \(step)") { return }
                try send(run, step, attempt, plan)
                if try die("after a request of \(step)") { return }
            case .abandon(let step): exchanges.removeAll { $0.run === run && $0.step == step }
            default: break
            }
        }
    }

    private func send(_ run: WorldRun, _ step: StepAddress, _ attempt: Int, _ plan: RequestPlan) throws {
        note("\(run.id) sends \(step) attempt \(attempt)")
        guard case .http(let request) = run.workflow.step(step)?.action else {
            throw Finding("\(step) is no request")
        }
        let answer = request.answer(attempt, run.facts.generation)
        try network.receive(plan, of: run, step)
        let delay: Duration =
            answer == .late
            ? plan.timeout : .milliseconds(random.pick(0...min(20_000, 1 << random.pick(0...20))))
        exchanges.append(
            Exchange(
                run: run, step: step, attempt: attempt, answer: answer,
                outcome: HTTPOutcome(answer, attempt: attempt), due: now + delay))
    }

    // MARK: Messages and events

    /// A message is stored.
    func store(_ message: WorldMessage) {
        mail[message.target, default: []].append(mailbox.count)
        messages[message.message.id] = mailbox.count
        mailbox.append(message)
    }

    /// What a wait has not been offered yet, the oldest first.
    func mail(for wait: WaitRegistration, _ step: StepAddress, _ run: WorldRun) -> ArraySlice<Int> {
        let all = mail(for: WorldMessage.Target(wait.source, run.id, step))
        let first = max(run.floor, run.seen[step] ?? 0)
        return all.drop { $0 < first }
    }

    func mail(for target: WorldMessage.Target) -> [Int] { mail[target] ?? [] }

    /// An event happens: waits may want it, workflows may start.
    ///
    /// - Parameter run: that caused it; nil for one from outside.
    func post(_ type: String, _ data: JSONObject, from run: WorldRun?) throws {
        var event = newEvent(type, .object(data))
        event.chain = run?.state.creation?.chain
        if let record = event.record {
            store(
                WorldMessage(
                    target: .event(type, record: record),
                    message: WaitMessage(id: event.id, data: event.data, receivedAt: now),
                    isWanted: data["ok"] == true))
        }
        try startRuns(by: event)
    }

    /// A request arrives at an endpoint: waits may want it, workflows may start.
    ///
    /// - Parameter data: of the body; a text when that is none of JSON.
    func receive(_ endpoint: String, _ data: JSONValue, key: String) throws {
        let event = newEvent("inbound.\(endpoint)", data)
        store(
            WorldMessage(
                target: .inbound(key),
                message: WaitMessage(id: event.id, data: data, receivedAt: now), isWanted: data["ok"] == true)
        )
        try startRuns(by: event)
    }

    func newEvent(_ type: String, _ data: JSONValue) -> TriggerEvent {
        eventCount += 1
        let event = TriggerEvent(id: "evt_\(eventCount)", type: type, ts: now.description, data: data)
        eventTimes[event.id] = now
        note("event \(event.id) \(type): \(data)")
        return event
    }

    private func startRuns(by event: TriggerEvent) throws {
        for workflow in workflows {
            let candidate = workflow.definition.candidate(for: event)
            try require(
                (candidate != nil) == workflow.model.isStarted(by: event),
                "\(event.type) starts \(workflow.name), or does not, against its triggers")
            if let candidate { try start(workflow, candidate, event, caller: nil) }
        }
    }

    private func start(_ call: Draft.Call, from run: WorldRun) throws {
        guard let workflow = workflows.first(where: { $0.model.name == call.workflow }) else { return }
        var event = newEvent("manual", .object(call.inputs))
        event.chain = run.state.creation?.chain
        let (candidate, checked) = workflow.definition.manualCandidate(for: event)
        try start(
            workflow, candidate, checked,
            caller: RunStart.Parent(run: run.id, step: call.step, attempt: call.attempt))
    }

    static func child(of run: RunID, _ step: StepAddress, _ attempt: Int) -> RunID {
        RunID("\(run)|\(step)|\(attempt)")
    }

    func add(_ start: RunStart, _ workflow: WorldWorkflow) -> WorldRun {
        let run = WorldRun(start, workflow, floor: mailbox.count)
        note("\(run.id) of \(workflow.model.name): \(start.disposition)")
        runs[run.id] = run
        order.append(run)
        active.append(run)
        chains[start.chain.root, default: 0] += 1
        sendEarly(run)
        return run
    }
}
