import JSON
import WorkflowEngine

/// What one transaction of a run holds, before it is committed.
struct Draft {
    struct Emitted {
        let step: StepAddress
        let type: String
        let data: JSONObject
    }

    struct Call {
        let step: StepAddress
        let attempt: Int
        let workflow: String
        let inputs: JSONObject
    }

    var state: RunState
    var records: VirtualRecords
    var entries: [JournalEntry] = []
    /// Operations that were performed, and whether they succeeded.
    var operations: [(step: StepAddress, isDone: Bool)] = []
    var events: [Emitted] = []
    /// Events that writes of records caused.
    var caused: [VirtualRecords.Caused] = []
    var calls: [Call] = []
    var effects: [Effect] = []
    var finished: FinishedRun?
    var cancellation: RunFacts.Cancellation?
    var isTimedOut = false
    /// Outcomes of requests that it takes note of.
    var outcomes: [(step: StepAddress, outcome: Network.Outcome)] = []

    init(state: RunState, records: VirtualRecords) { (self.state, self.records) = (state, records) }

    mutating func add(_ effect: Effect) {
        switch effect {
        case .emit(let step, let type, let data): events.append(Emitted(step: step, type: type, data: data))
        case .startChild(let step, let attempt, let workflow, let inputs):
            calls.append(Call(step: step, attempt: attempt, workflow: workflow, inputs: inputs))
        case .finished(let run): finished = run
        default: effects.append(effect)
        }
    }
}
