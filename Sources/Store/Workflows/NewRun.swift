package import Resources

/// A run that an event would start; what keeps it from that is decided in the transaction.
package struct NewRun: Sendable {
    /// The step of another run that waits for this one's end.
    package struct Parent: Sendable {
        package var run: CommitSequence
        package var step: String
        /// Of the step; the end of an earlier attempt's run is not taken for this one's.
        package var attempt: Int

        package init(run: CommitSequence, step: String, attempt: Int) {
            self.run = run
            self.step = step
            self.attempt = attempt
        }
    }

    package struct Dedupe: Sendable {
        package var key: String
        /// How long it is remembered.
        package var window: Duration

        package init(key: String, window: Duration) {
            self.key = key
            self.window = window
        }
    }

    package var id: WorkflowRunID
    package var revision: WorkflowRevision
    /// JSON text that the run begins with, besides its event: its chain, and what it does not do again.
    package var start: String
    package var recordID: String?
    /// Of its event; nil for an event from outside.
    package var chainRoot: EventID?
    /// Runs on the way to it; 0 for one that an event from outside starts.
    package var chainDepth: Int
    package var concurrencyKey: String?
    /// How many runs may be under way for the key.
    package var limit = 1
    package var dedupe: Dedupe?
    package var isRateLimited = false
    package var parent: Parent?
    package var retryOf: WorkflowRunID?
    /// The message that is the event; it does not resume the run that it started.
    package var messageID: String?
    /// What it does in the transaction that stores it, unless it does not begin there; `run` and `after` are of no meaning.
    package var progress: RunProgress?
    /// Whether and how it begins. Pure; called once or twice.
    package var decide: @Sendable (StartSituation) -> StartVerdict

    package init(
        id: WorkflowRunID, revision: WorkflowRevision, start: String, chainDepth: Int = 0,
        decide: @escaping @Sendable (StartSituation) -> StartVerdict
    ) {
        self.id = id
        self.revision = revision
        self.start = start
        self.chainDepth = chainDepth
        self.decide = decide
    }
}

/// What a start is decided by: what the transaction sees of other runs.
package struct StartSituation: Sendable, Equatable {
    /// Runs with the same key that have their slot, the oldest first.
    package var active: [WorkflowRunID] = []
    /// Those that are queued for one.
    package var queued = 0
    /// When a run with the same key of `dedupe` was started.
    package var lastWithDedupeKey: UnixTime?
    /// Runs with the same root.
    package var runsInChain = 0
    /// What the last verdict left.
    package var rate: UnixTime?

    package init() {}
}

/// Whether and how a run begins.
package enum StartVerdict: Sendable {
    /// Nothing is recorded.
    case skip
    /// It begins, waits for its turn, or is recorded as one that does not begin.
    ///
    /// - error: a JSON object with `step`, `type` and `message`.
    /// - notBefore: for a queued one.
    /// - cancelling: runs that are to end because of it.
    /// - rate: for the next one's situation.
    case start(
        RunStatus, error: String? = nil, notBefore: UnixTime? = nil, cancelling: [WorkflowRunID] = [],
        rate: UnixTime? = nil)
}

/// A run that was recorded with its event.
package struct StartedRun: Sendable, Equatable {
    package let sequence: CommitSequence
    package let id: WorkflowRunID
    package let workflow: String
    package let status: RunStatus
    /// Why it does not begin, as the verdict said.
    package let error: String?
    /// Where it stands, when it has begun with its event.
    package let begun: RunStatus?
}

/// A workflow as it was when runs began with it.
package struct WorkflowRevision: Sendable, Equatable {
    /// SHA-256 of the canonical form.
    package var digest: String
    package var workflow: String
    package var canonical: String
    /// The secrets that its requests need.
    package var secrets: [String]

    package init(digest: String, workflow: String, canonical: String, secrets: [String]) {
        self.digest = digest
        self.workflow = workflow
        self.canonical = canonical
        self.secrets = secrets
    }
}
