import JSON
import Resources
import Store
import WorkflowEngine

/// What a run has to be told: gathered from the state before a step of the engine.
struct RunInputs: Sendable {
    private(set) var commands: [RunInput] = []
    private(set) var children: [RunInput] = []
    private(set) var messages: [RunInput] = []
    private(set) var timers: [RunInput] = []
    /// The last message that a step is told of, and those that are left for the next time.
    var seen: [String: CommitSequence] = [:]
    var hasMoreMail = false
    var handlesCommand = false

    /// Messages that a step is told of at once.
    static let mailLimit = 20

    init(
        commands: [RunInput] = [], children: [RunInput] = [], messages: [RunInput] = [],
        timers: [RunInput] = []
    ) {
        (self.commands, self.children, self.messages, self.timers) = (commands, children, messages, timers)
    }

    /// What came in time is told before the times that have come: a message that is there when its wait is over, because the
    /// process was down in between, still counts.
    var inputs: [RunInput] { commands + children + messages + (hasMoreMail ? [] : timers) }

    /// - Throws: `StoreError`.
    init(_ run: LoadedRun, _ signals: RunSignals, _ store: Store, _ reading: RunClock.Reading) async throws {
        switch signals.command {
        case .cancel: (commands, handlesCommand) = ([.cancel(reason: "the run was cancelled")], true)
        case .resume: (commands, handlesCommand) = ([.resume], true)
        case nil: break
        }
        timers = run.state.due(reading)
        for (step, state) in run.state.liveSteps where state.isCalling {
            let result = try await store.childResult(
                of: run.sequence, step: step.description, attempt: state.attempts)
            if let result { children.append(.child(step, attempt: state.attempts, ChildOutcome(result))) }
        }
        for wait in signals.waits { try await addMail(wait, run, store) }
    }

    private mutating func addMail(_ wait: PendingWait, _ run: LoadedRun, _ store: Store) async throws {
        guard let step = StepAddress(parsing: wait.step) else { return }
        let mail = try await store.mail(for: wait, of: run.sequence, limit: Self.mailLimit)
        for message in mail {
            if case .event(let pattern) = wait.source, let type = message.type,
                !EventPattern(pattern).matches(type)
            {
                continue
            }
            messages.append(.message(step, try WaitMessage(message)))
        }
        if let last = mail.last { seen[wait.step] = last.sequence }
        hasMoreMail = hasMoreMail || mail.count == Self.mailLimit
    }
}

extension WaitMessage {
    /// - Throws: `JSONError` for a damaged row.
    init(_ mail: Mail) throws {
        self.init(
            id: mail.id, data: try JSONValue(parsing: mail.data),
            headers: try JSONValue(parsing: mail.headers).object ?? [:], receivedAt: Moment(mail.receivedAt))
    }
}

extension ChildOutcome {
    init(_ result: ChildResult) {
        func value(_ text: String?) -> JSONValue? { text.flatMap { try? JSONValue(parsing: $0) } }
        guard result.status != .succeeded else {
            self = .succeeded(outputs: value(result.outputs)?.object ?? [:])
            return
        }
        let error = value(result.error)
        let reason = StepError(
            ErrorType(rawValue: error?["type"]?.string ?? ErrorType.cancelled.rawValue),
            "the run \(result.id) \(result.status.rawValue): \(error?["message"]?.string ?? "no reason given")"
        )
        self = result.status == .refused ? .refused(reason) : .failed(reason)
    }
}
