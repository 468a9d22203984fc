import JSON
import Store
import WorkflowEngine

/// A run in memory: where it stands as of the last commit.
struct LoadedRun: Sendable {
    let sequence: CommitSequence
    let id: WorkflowRunID
    let workflow: ActiveWorkflow
    let createdAt: UnixTime
    let event: TriggerEvent
    let chain: Chain
    let parent: RunStart.Parent?
    let retryOf: WorkflowRunID?
    /// Rows of the journal that are stored, one for each transaction.
    var entries: Int
    var state: RunState
    /// Wake-ups that it has looked at.
    var wakes: Int64 = 0
    /// - Throws: `StoreError`, `JournalError` for what cannot be read.
    init(_ work: RunWork, _ workflow: ActiveWorkflow, parent: RunStart.Parent?) throws {
        guard let start = RunStartText(work.start) else {
            throw StoreError.database("the start of the run `\(work.id)` is damaged")
        }
        sequence = work.sequence
        id = work.id
        self.workflow = workflow
        createdAt = work.createdAt
        event = try TriggerEvent(work.event)
        chain = start.chain
        self.parent = parent
        retryOf = work.retryOf
        entries = work.journal.count
        state = try RunState(journal: work.journal.map(\.text))
    }

    /// A run that was stored right now, with nothing done yet.
    ///
    /// - Throws: `JSONError` for an event that cannot be read.
    init(_ begun: Ingest.BegunRun, _ workflow: ActiveWorkflow) throws {
        sequence = begun.run.sequence
        id = begun.run.id
        self.workflow = workflow
        createdAt = begun.acceptedAt
        event = try TriggerEvent(begun.event)
        chain = begun.chain
        parent = nil
        retryOf = nil
        entries = 0
        state = RunState()
    }

    var hasBegun: Bool { entries > 0 }
    /// What records and events are marked with.
    var actor: String { "workflow:\(id)" }
    /// Requests that are out as far as the journal knows.
    var requests: [RequestOrder] {
        state.liveSteps.compactMap { address, step in
            guard step.isSending, let plan = step.request else { return nil }
            return RequestOrder(run: sequence, step: address, attempt: step.attempts, plan: plan)
        }
    }
}
