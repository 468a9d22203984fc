internal import Expressions
internal import JSON
internal import Resources

/// One input at work: it goes through the steps until everything that is under way has to wait.
///
/// All changes of the state are journal entries, applied as they are written, so that the state after a transition is the
/// one that the journal makes.
struct Advance: Sendable {
    enum Work: Sendable {
        /// A step of a block, or the block's end.
        case begin(block: Int, position: Int, iteration: [Int])
        case ended(StepAddress)
        /// The next attempt of a step.
        case attempt(StepAddress)
    }

    let definition: WorkflowDefinition
    let engine: WorkflowEngine
    let now: Moment
    /// Behind `now` by what the clock was set back.
    let wallClock: Moment
    private(set) var state: RunState
    private(set) var entries: [JournalEntry] = []
    private(set) var effects: [Effect] = []
    /// What is left to do, the next last.
    private var agenda: [Work] = []
    private(set) var operation: RecordOperation?
    private var operations = 0

    init(
        definition: WorkflowDefinition, engine: WorkflowEngine, now: Moment, wallClock: Moment,
        state: consuming RunState
    ) {
        self.definition = definition
        self.engine = engine
        self.now = now
        self.wallClock = wallClock
        self.state = state
    }

    func transition() -> RunTransition {
        RunTransition(
            entries: entries, effects: effects, state: state, operation: operation,
            advance: operation == nil ? nil : self)
    }

    mutating func record(_ fact: JournalEntry.Fact, _ step: StepAddress? = nil) {
        let entry = JournalEntry(at: now, step: step, fact: fact)
        state.apply(entry)
        entries.append(entry)
    }

    mutating func perform(_ effect: Effect) { effects.append(effect) }

    mutating func push(_ work: Work) { agenda.append(work) }

    /// Works until nothing is left, or a record has to be looked at.
    mutating func run() {
        while operation == nil, let work = agenda.popLast() {
            switch work {
            case .begin(let block, let position, let iteration): begin(block, position, iteration)
            case .ended(let step): stepEnded(step)
            case .attempt(let step): attempt(step)
            }
        }
    }

    mutating func forgetWork() { agenda = [] }

    /// Asks for the result of a record operation; beyond the bound, in another transaction.
    mutating func ask(_ operation: RecordOperation) {
        operations += 1
        record(.acting(operation.json), operation.step)
        self.operation = operation
    }

    var mayAsk: Bool { operations < RunBounds.operations }

    mutating func answer(_ step: StepAddress, _ result: RecordResult) {
        operation = nil
        switch result {
        case .record(let record, let isNew): finish(step, recordOutputs(step, record, isNew))
        case .nothing: finish(step, ["found": false])
        case .failed(let type, let message): fail(step, StepError(type, message, step: step))
        }
        run()
    }

    private func recordOutputs(_ step: StepAddress, _ record: JSONObject, _ isNew: Bool) -> JSONObject {
        var outputs = record
        switch definition.step(step).map({ definition.steps[$0].action }) {
        case .find: outputs["found"] = true
        case .upsert: outputs["created"] = .bool(isNew)
        default: break
        }
        return outputs
    }

    // MARK: Variables

    func variables(_ step: StepAddress) -> StepVariables {
        StepVariables(
            definition: definition, state: state, engine: engine, step: definition.step(step),
            iteration: step.iteration)
    }
}
