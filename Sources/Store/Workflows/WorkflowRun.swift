import GRDB
package import Resources

/// A run of a workflow as the state holds it.
package struct WorkflowRun: Sendable, Equatable {
    package let sequence: CommitSequence
    package let id: WorkflowRunID
    package let workflow: String
    /// Digest of the revision that it began with.
    package let revision: String
    package let status: RunStatus
    /// The event that started it.
    package let event: EventID
    package let eventType: String
    package let recordID: String?
    package let chainRoot: EventID
    package let chainDepth: Int
    package let concurrencyKey: String?
    /// The run that waits for this one's end, and the step of it.
    package let parent: WorkflowRunID?
    package let parentStep: String?
    /// The run that this one does again.
    package let retryOf: WorkflowRunID?
    /// Why it did not succeed: a JSON object with `step`, `type` and `message`.
    package let error: String?
    package let createdAt: UnixTime
    package let startedAt: UnixTime?
    package let finishedAt: UnixTime?
    /// The earliest of its timers.
    package let wakeAt: UnixTime?

    /// What `init` reads.
    static let columns = """
        SELECT r.*, e.id AS event_id, e.type AS event_type, p.id AS parent_id
        FROM workflow_run r JOIN event e ON e.seq = r.event_seq LEFT JOIN workflow_run p ON p.seq = r.parent_seq
        """

    /// - Throws: `StoreError` for a status of another version.
    init(_ row: Row) throws {
        func time(_ column: String) -> UnixTime? {
            (row[column] as Int64?).map(UnixTime.init(milliseconds:))
        }
        guard let status = RunStatus(rawValue: row["status"]) else {
            throw StoreError.database("the run `\(row["id"] as String)` has an unknown status")
        }
        self.status = status
        sequence = CommitSequence(row["seq"])
        id = WorkflowRunID(row["id"])
        workflow = row["workflow"]
        revision = row["digest"]
        event = EventID(row["event_id"])
        eventType = row["event_type"]
        recordID = row["record_id"]
        chainRoot = EventID(row["chain_root"])
        chainDepth = row["chain_depth"]
        concurrencyKey = row["concurrency_key"]
        parent = (row["parent_id"] as String?).map { WorkflowRunID($0) }
        parentStep = row["parent_step"]
        retryOf = (row["retry_of"] as String?).map { WorkflowRunID($0) }
        error = row["error"]
        createdAt = UnixTime(milliseconds: row["created_ms"])
        startedAt = time("started_ms")
        finishedAt = time("finished_ms")
        wakeAt = time("wake_ms")
    }
}
