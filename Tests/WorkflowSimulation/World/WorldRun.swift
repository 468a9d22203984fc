import JSON
import Resources
import WorkflowEngine

/// A run as the world keeps it: what would be in tables, and what only a process knows.
final class WorldRun {
    enum Command { case cancel, resume }

    let start: RunStart
    let workflow: WorldWorkflow
    /// Messages before this one are older than the run.
    let floor: Int
    var facts = RunFacts()

    // What would be stored.
    var journal: [String] = []
    /// The state as of the last commit.
    var state = RunState()
    /// Messages before this one were offered to the step and not wanted.
    var seen: [StepAddress: Int] = [:]
    var waits: [StepAddress: WaitRegistration] = [:]
    /// Requests that are out, by their attempt.
    var outstanding: [StepAddress: Int] = [:]
    var command: Command?
    /// The earliest of its timers.
    var wakeAt: Moment?
    /// Whether it counts for the limit of its concurrency key.
    var holdsSlot = false
    var mayBegin = false
    var concurrencyKey: String?
    var finished: FinishedRun?

    // What would not.
    var isLost = false
    /// Whether the state was made from the journal since the last commit.
    var isReplayed = false
    /// How often a person let a step go on.
    var resumptions: [StepAddress: Int] = [:]
    let history = RunHistory()

    init(_ start: RunStart, _ workflow: WorldWorkflow, floor: Int) {
        (self.start, self.workflow, self.floor) = (start, workflow, floor)
    }

    var id: RunID { start.run }
    var isFinal: Bool { state.status.isFinal }
    /// Steps that wait for a run, with their attempt.
    var calls: [(step: StepAddress, attempt: Int)] {
        state.live.compactMap { address in
            guard let step = state.steps[address], step.isCalling else { return nil }
            return (address, step.attempts)
        }
    }
    /// What a step that called it gets; nil while it has not ended.
    var outcome: ChildOutcome? { finished?.childOutcome }
    var exists: Bool { !journal.isEmpty }
    var isQueued: Bool { !isFinal && !holdsSlot }
    var notBefore: Moment? {
        if case .queued(let notBefore) = start.disposition { notBefore } else { nil }
    }
}

/// What is remembered of a workflow over its revisions.
final class WorldRules {
    var lastStart: [String: Moment] = [:]
    var rate: Moment?
    /// When its runs were to begin, under its rate.
    var planned: [Moment] = []
}

/// A revision of a workflow in both of its shapes.
final class WorldWorkflow {
    let model: ModelWorkflow
    let definition: WorkflowDefinition
    let outline: ModelOutline
    let waits: [ModelStep]
    let rules: WorldRules
    var name: String { model.name }

    init(_ model: ModelWorkflow, _ rules: WorldRules) throws {
        (self.model, self.rules) = (model, rules)
        definition = try WorkflowDefinition(Resource(canonical: model.json.text))
        outline = ModelOutline(model)
        waits = model.all.filter { step in
            if case .wait = step.action { true } else { false }
        }
    }

    /// The iterations that a step may have.
    func iterations(of step: ModelStep) -> [[Int]] {
        step.loops.reduce([[]]) { prefixes, loop in
            guard case .loop(let count, _, _, _) = outline.places[loop]?.step.action else { return [] }
            return prefixes.flatMap { prefix in (0..<count).map { prefix + [$0] } }
        }
    }

    func step(_ address: StepAddress) -> ModelStep? { outline.places[address.step]?.step }
}
