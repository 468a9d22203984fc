import JSON
import Resources
import Store
import WorkflowEngine

/// A run in memory: where it stands as of the last commit.
struct LoadedRun: Sendable {
    /// What a step leaves in the run's row, besides the length of its journal.
    struct Row: Sendable, Equatable {
        private let status: RunStatus
        private let isReady: Bool
        private let wakeAt: UnixTime?
        private let error: String?
        private let outputs: String?

        init(_ progress: RunProgress) {
            (status, isReady, wakeAt) = (progress.status, progress.isReady, progress.wakeAt)
            (error, outputs) = (progress.error, progress.outputs)
        }
    }

    /// What never changes of it; in a place of its own, so that it need not be copied with the rest.
    private final class Identity: Sendable {
        let id: WorkflowRunID
        let workflow: ActiveWorkflow
        let createdAt: UnixTime
        let event: TriggerEvent
        /// Bytes of the event's data.
        let eventSize: Int
        let chain: Chain
        let parent: RunStart.Parent?
        let retryOf: WorkflowRunID?

        init(
            _ id: WorkflowRunID, _ workflow: ActiveWorkflow, _ createdAt: UnixTime, _ event: TriggerEvent,
            _ eventSize: Int, _ chain: Chain, parent: RunStart.Parent? = nil, retryOf: WorkflowRunID? = nil
        ) {
            (self.id, self.workflow, self.createdAt) = (id, workflow, createdAt)
            (self.event, self.eventSize, self.chain) = (event, eventSize, chain)
            (self.parent, self.retryOf) = (parent, retryOf)
        }
    }

    private(set) var sequence: CommitSequence
    private let identity: Identity
    /// Rows of the journal that are stored, one for each transaction.
    private(set) var entries: Int
    private(set) var state: RunState
    /// What the last step left in its row; nil before this process has made one.
    private(set) var row: Row?
    /// Wake-ups that it has looked at.
    var wakes: Int64 = 0

    /// Bytes of what is looked at in a short time.
    static let shortSize = 64 << 10

    /// - Throws: `StoreError`, `JournalError` for what cannot be read.
    init(_ work: RunWork, _ workflow: ActiveWorkflow, parent: RunStart.Parent?) throws {
        guard let start = RunStartText(work.start) else {
            throw StoreError.database("the start of the run `\(work.id)` is damaged")
        }
        sequence = work.sequence
        identity = Identity(
            work.id, workflow, work.createdAt, try TriggerEvent(work.event), work.event.data.count,
            start.chain, parent: parent, retryOf: work.retryOf)
        entries = work.journal.count
        state = try RunState(journal: work.journal.map(\.text))
    }

    /// A run that was stored right now, with nothing done yet.
    ///
    /// - Throws: `JSONError` for an event that cannot be read.
    init(_ begun: Ingest.BegunRun, _ workflow: ActiveWorkflow) throws {
        self.init(
            begun.run.id, workflow, createdAt: begun.acceptedAt, try TriggerEvent(begun.event),
            size: begun.event.data.count, begun.chain)
        sequence = begun.run.sequence
    }

    /// A run that is to be stored; it has its place once it is.
    ///
    /// - Parameter size: of the event's data as JSON text.
    init(
        _ id: WorkflowRunID, _ workflow: ActiveWorkflow, createdAt: UnixTime, _ event: TriggerEvent,
        size: Int, _ chain: Chain
    ) {
        sequence = CommitSequence(0)
        identity = Identity(id, workflow, createdAt, event, size, chain)
        entries = 0
        state = RunState()
    }

    var id: WorkflowRunID { identity.id }
    var workflow: ActiveWorkflow { identity.workflow }
    var createdAt: UnixTime { identity.createdAt }
    var event: TriggerEvent { identity.event }
    var chain: Chain { identity.chain }
    var parent: RunStart.Parent? { identity.parent }
    var retryOf: WorkflowRunID? { identity.retryOf }

    var hasBegun: Bool { entries > 0 }
    /// Whether one transaction of it takes so little that an event loop may be held up with it.
    var isShort: Bool {
        workflow.definition.isShort && state.size <= Self.shortSize && identity.eventSize <= Self.shortSize
            && (hasBegun || retryOf == nil)
    }
    /// What records and events are marked with.
    var actor: String { "workflow:\(id)" }
    /// Requests that are out as far as the journal knows.
    var requests: [RequestOrder] {
        state.liveSteps.compactMap { address, step in
            guard step.isSending, let plan = step.request else { return nil }
            return RequestOrder(run: sequence, id: id, step: address, attempt: step.attempts, plan: plan)
        }
    }

    /// A transaction is durable.
    mutating func become(_ state: RunState, entries: Int, _ row: Row) {
        (self.state, self.entries, self.row) = (state, entries, row)
    }

    /// It is stored.
    func stored(at sequence: CommitSequence) -> LoadedRun {
        var copy = self
        copy.sequence = sequence
        return copy
    }
}
