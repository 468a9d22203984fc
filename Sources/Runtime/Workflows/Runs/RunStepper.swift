import JSON
import Store
import WorkflowEngine

/// Moves runs on: reads what they have to be told, lets the engine work, commits what it comes to.
struct RunStepper: Sendable {
    let store: Store
    let ingest: Ingest
    let revisions: WorkflowRevisions
    let engine: WorkflowEngine
    let clock: RunClock

    /// Bytes of a row of the journal that holds several entries. A row costs more than its bytes, but SQLite keeps only about
    /// a thousand bytes of one within its page.
    private static let rowLimit = 900

    /// What is left to do after a commit.
    struct Outcome: Sendable {
        var requests: [RequestOrder] = []
        var abandoned: [StepAddress] = []
        var finished: FinishedRun?
        /// Whether messages are left that the run has not been told of.
        var hasMore = false
    }

    private struct Committed: Sendable {
        let state: RunState
        let entries: Int
        let outcome: Outcome
    }

    /// Reads a run; nil when it has ended, or is held back.
    ///
    /// - Throws: `StoreError`, and what stands against its revision or its journal.
    func load(_ sequence: CommitSequence) async throws -> (run: LoadedRun, signals: RunSignals)? {
        guard var work = try await store.runWork(sequence) else { return nil }
        if work.status == .queued {
            guard try await store.releaseQueued(sequence, now: clock.now()),
                let released = try await store.runWork(sequence)
            else { return nil }
            work = released
        }
        let workflow = try await revisions.revision(work.revision)
        var parent: RunStart.Parent?
        if let stored = work.parent, let id = try await store.runID(stored.run),
            let step = StepAddress(parsing: stored.step)
        {
            parent = RunStart.Parent(run: RunID(id.text), step: step, attempt: stored.attempt)
        }
        return (try LoadedRun(work, workflow, parent: parent), work.signals)
    }

    /// Tells a run what there is to tell, and commits what that comes to.
    ///
    /// - Parameters:
    ///   - heard: outcomes of requests, in the order in which they came.
    ///   - signals: what the state has for the run; nil when it was not woken.
    ///   - recovers: whether requests may be out that an earlier process sent.
    /// - Returns: nil when the run is not as it was in memory: it has to be read again.
    func step(
        _ run: inout LoadedRun, heard: [RunInput], signals: RunSignals?, recovers: Bool
    ) async throws -> Outcome? {
        let reading = clock.read()
        let now = reading.now
        var told: RunInputs?
        if let signals {
            told = try await RunInputs(run, signals, store, reading)
            run.wakes = signals.wakes
        }
        var inputs = (recovers ? [.recover] : []) + heard
        inputs += told?.inputs ?? run.state.due(reading)
        let beginning = try await beginning(of: run)
        let known = run
        var reads = RecordReads()
        while true {
            let (copy, told, counted) = (reads, told, inputs)
            do {
                let outcome = try await ingest.commit(keys: reads.numbers, isBounded: false) {
                    live, numbers in
                    var evaluation = RunEvaluation(
                        known, engine: engine, live: live, reads: copy, numbers: numbers, reading
                    ) { [store] in store.nextULID(at: now) }
                    if let beginning {
                        // It exists since its event; it begins now.
                        try evaluation.handle(.start(beginning), at: known.createdAt)
                        try evaluation.handle(.begin)
                    }
                    for input in counted { try evaluation.handle(input) }
                    return draft(evaluation, known, told, reading)
                }
                guard case .written(let committed, _) = outcome else { return nil }
                run.state = committed.state
                run.entries = committed.entries
                return committed.outcome
            } catch let missing as RecordReads.Missing {
                try await reads.read(missing, store)
            }
        }
    }

    /// nil for a run that has begun.
    private func beginning(of run: LoadedRun) async throws -> RunStart? {
        guard !run.hasBegun else { return nil }
        if let earlier = run.retryOf, let detail = try await store.run(earlier) {
            let state = try RunState(journal: detail.journal.map(\.text))
            let repeated = RunStart.repeating(state, run.workflow.definition, as: RunID(run.id.text))
            if let repeated { return repeated.queued }
        }
        var start = RunStart(
            run: RunID(run.id.text), event: run.event, chain: run.chain, disposition: .queued(notBefore: nil))
        start.parent = run.parent
        return start
    }

    private func draft(
        _ evaluation: RunEvaluation, _ run: LoadedRun, _ told: RunInputs?, _ reading: RunClock.Reading
    ) -> Ingest.Draft<Committed> {
        let state = evaluation.state
        let isSending = state.liveSteps.contains { $0.state.isSending }
        let hasMore = told?.hasMoreMail ?? false
        var progress = RunProgress(
            run: run.sequence, after: run.entries, wakes: run.wakes,
            status: WorkflowRunStatus(rawValue: state.status.rawValue) ?? .running,
            isReady: isSending || hasMore)
        progress.entries = JournalEntry.texts(of: evaluation.entries, limit: Self.rowLimit).map {
            .init(at: reading.now, text: $0)
        }
        progress.wakeAt = state.timers(ahead: reading.ahead).first.map { UnixTime($0.at) }
        (progress.begins, progress.ends) = (evaluation.begins, evaluation.ends)
        progress.seen = told?.seen ?? [:]
        progress.takes = evaluation.takes
        progress.handlesCommand = told?.handlesCommand ?? false
        progress.error = state.error?.json.text
        if let finished = evaluation.finished, !finished.outputs.isEmpty {
            progress.outputs = JSONValue.object(finished.outputs).text
        }
        let outcome = Outcome(
            requests: evaluation.requests, abandoned: evaluation.abandoned, finished: evaluation.finished,
            hasMore: hasMore)
        var draft = Ingest.Draft(
            Committed(state: state, entries: run.entries + progress.entries.count, outcome: outcome),
            events: evaluation.events,
            contributions: evaluation.writes + [.progress(progress, now: reading.now)])
        draft.runs = evaluation.children
        return draft
    }
}

extension RunState {
    /// The timers whose time has come.
    func due(_ reading: RunClock.Reading) -> [RunInput] {
        timers(ahead: reading.ahead).prefix { $0.at <= Moment(reading.now) }.map { .timer($0.id) }
    }
}

extension RunStart {
    /// It is begun in a step of its own, because it may exist for longer.
    fileprivate var queued: RunStart {
        var start = RunStart(run: run, event: event, chain: chain, disposition: .queued(notBefore: nil))
        (start.parent, start.lineage) = (parent, lineage)
        return start
    }
}
