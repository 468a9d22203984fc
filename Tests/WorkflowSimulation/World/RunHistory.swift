import JSON
import WorkflowEngine

/// Checks the entries of a journal as they are written: each step begins and ends once, no time comes too early, the messages
/// are those that the step waits for.
final class RunHistory {
    private(set) var ended: [StepAddress: StepStatus] = [:]
    private(set) var operations: [StepAddress: (done: Int, failed: Int)] = [:]
    private(set) var emitted: [StepAddress: Int] = [:]
    private var begun: Set<StepAddress> = []
    private var due: [StepAddress: Moment] = [:]
    private var deadlines: [StepAddress: Moment] = [:]
    private var attempts: [StepAddress: Int] = [:]
    private var forgiven: [StepAddress: Int] = [:]
    private var paused: Set<StepAddress> = []
    private(set) var messages: Set<String> = []
    /// Steps whose handlers are under way.
    private(set) var handling: Set<StepAddress> = []
    private var isFinished = false

    /// Steps that were committed.
    var count: Int { ended.count }

    func add(_ entry: JournalEntry, _ run: WorldRun, _ world: World) throws(Finding) {
        try require(!isFinished, "something happens in a run that has ended: \(entry.text)")
        guard let step = entry.step else { return try add(entry.fact, at: entry.at, run) }
        guard let model = run.workflow.step(step) else { throw Finding("there is no step \(step)") }
        try require(!paused.contains(step) || entry.fact.endsPause, "\(step) goes on while it is paused")
        switch entry.fact {
        case .started: try require(begun.insert(step).inserted, "\(step) began twice")
        case .resumed:
            try require(paused.remove(step) != nil, "\(step) was not paused")
            forgiven[step] = attempts[step]
        case .calling, .acting, .waiting: attempts[step, default: 0] += 1
        case .restored(let status, _):
            try require(run.facts.restored[step] == status, "\(step) is restored as \(status)")
            ended[step] = status
        default: break
        }
        try check(entry, step, model, run, world)
    }

    private func check(
        _ entry: JournalEntry, _ step: StepAddress, _ model: ModelStep, _ run: WorldRun, _ world: World
    ) throws(Finding) {
        switch entry.fact {
        case .sending(let attempt, _):
            try require(entry.at >= due.removeValue(forKey: step) ?? entry.at, "\(step) was sent too early")
            try require(attempt == 1 + (attempts[step] ?? 0), "\(step) skips an attempt")
            attempts[step] = attempt
        case .sleeping(let until), .sleepingUntil(let until):
            let expected =
                switch model.action {
                case .sleep(let milliseconds, _): entry.at + .milliseconds(milliseconds)
                case .sleepUntil(let milliseconds):
                    world.time(of: run.start.event) + .milliseconds(milliseconds)
                default: entry.at
                }
            try require(until == expected, "\(step) sleeps until \(until), not \(expected)")
            due[step] = until
            attempts[step, default: 0] += 1
        case .waiting(let wait):
            guard case .wait(let expected) = model.action else { throw Finding("\(step) is no wait") }
            let deadline = expected.timeout.map { entry.at + .seconds($0 * 60) }
            try require(wait.deadline == deadline, "\(step) waits until \(String(describing: wait.deadline))")
            deadlines[step] = deadline
        case .retrying(let at, _): try checkBackoff(at, entry.at, step, model, run.facts.generation)
        case .paused:
            let used = (attempts[step] ?? 0) - (forgiven[step] ?? 0)
            try require(used == model.maxAttempts ?? 5, "\(step) is paused after \(used) attempts")
            paused.insert(step)
        case .catching: handling.insert(step)
        case .received(let message):
            try require(messages.insert(message).inserted, "\(message) was used twice")
            try world.check(message, for: step, model, run)
        case .ended(let status, let outputs, _):
            try require(ended.updateValue(status, forKey: step) == nil, "\(step) ended twice")
            handling.remove(step)
            if status == .succeeded, case .sleep = model.action, model.handler == nil {
                try require(entry.at >= due[step] ?? entry.at, "\(step) woke up too early")
            }
            if status == .succeeded, case .sleepUntil(let milliseconds) = model.action {
                let moment = world.time(of: run.start.event) + .milliseconds(milliseconds)
                try require(world.wallClock >= moment, "\(step) woke up before the clock says so")
            }
            if status == .succeeded, outputs?["timedOut"] == true, let deadline = deadlines[step] {
                try require(entry.at >= deadline, "\(step) timed out too early")
            }
        default: break
        }
    }

    /// Exponential from a second, or from two without a `retry`, up to a minute, with a fifth of jitter; an answer may ask for
    /// more, up to the minute.
    private func checkBackoff(
        _ at: Moment, _ now: Moment, _ step: StepAddress, _ model: ModelStep, _ generation: Int
    ) throws(Finding) {
        due[step] = at
        let attempt = attempts[step] ?? 1
        let first = model.maxAttempts == nil ? 2_000 : 1_000
        let base = min(first << (min(attempt - (forgiven[step] ?? 0), 10) - 1), 60_000)
        var bounds = base * 4 / 5 - 1...min(base * 6 / 5, 60_000)
        if case .http(let request) = model.action,
            case .status(_, let seconds?) = request.answer(attempt, generation)
        {
            let asked = min(seconds * 1_000, 60_000)
            bounds = max(bounds.lowerBound, asked)...max(bounds.upperBound, asked)
        }
        let wait = Int(at.milliseconds - now.milliseconds)
        try require(bounds.contains(wait), "\(step) is tried again after \(wait) ms, not in \(bounds)")
    }

    private func add(_ fact: JournalEntry.Fact, at: Moment, _ run: WorldRun) throws(Finding) {
        switch fact {
        case .began(_, let deadline):
            let hours = run.workflow.model.timeout ?? 90 * 24
            try require(deadline == at + .seconds(hours * 3_600), "the run's timeout is wrong")
        case .finished: isFinished = true
        default: break
        }
    }

    func performed(_ step: StepAddress, isDone: Bool) {
        if isDone {
            operations[step, default: (0, 0)].done += 1
        } else {
            operations[step, default: (0, 0)].failed += 1
        }
    }

    func emitted(_ step: StepAddress) { emitted[step, default: 0] += 1 }
}

extension JournalEntry.Fact {
    /// Whether it may follow a pause.
    fileprivate var endsPause: Bool {
        switch self {
        case .resumed, .ended: true
        default: false
        }
    }
}
