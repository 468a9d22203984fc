import JSON
import Resources
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
        /// The earliest of its timers.
        var timer: UnixTime?
    }

    /// What became of a step that was to be made at once.
    enum Attempt: Sendable {
        case moved(LoadedRun, Outcome)
        /// The run is not as it was in memory: it has to be read again.
        case stale
        /// Nothing was done: it has to wait for the state, or may take long.
        case declined
        case failed(any Error)
    }

    private struct Committed: Sendable {
        let state: RunState
        let entries: Int
        let row: LoadedRun.Row
        let outcome: Outcome
        let progress: RunProgress
        /// Whether the progress is all that is written.
        let isAlone: Bool
    }

    /// Reads a run; nil when it has ended, or is held back.
    ///
    /// - Throws: `StoreError`.
    func work(_ sequence: CommitSequence) async throws -> RunWork? {
        let work = try await store.runWork(sequence)
        guard work?.status == .queued else { return work }
        guard try await store.releaseQueued(sequence, now: clock.now()) else { return nil }
        return try await store.runWork(sequence)
    }

    /// - Throws: `StoreError`, and what stands against its revision or its journal.
    func load(_ work: RunWork) async throws -> LoadedRun {
        let workflow = try await revisions.revision(work.revision)
        var parent: RunStart.Parent?
        if let stored = work.parent, let id = try await store.runID(stored.run),
            let step = StepAddress(parsing: stored.step)
        {
            parent = RunStart.Parent(run: RunID(id.text), step: step, attempt: stored.attempt)
        }
        return try LoadedRun(work, workflow, parent: parent)
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
        var told: RunInputs?
        if let signals {
            told = try await RunInputs(run, signals, store, reading)
            run.wakes = signals.wakes
        }
        var inputs = (recovers ? [.recover] : []) + heard
        inputs += told?.inputs ?? run.state.due(reading)
        let beginning = try await beginning(of: run)
        let evaluate = evaluation(of: run, beginning, inputs, told, reading)
        var reads = RecordReads()
        while true {
            let known = reads
            do {
                let outcome = try await ingest.commit(keys: reads.numbers, isBounded: false) {
                    try evaluate($0, $1, known)
                }
                guard case .written(let committed, _) = outcome else { return nil }
                run.become(committed.state, entries: committed.entries, committed.row)
                return committed.outcome
            } catch let missing as RecordReads.Missing {
                try await reads.read(missing, store)
            }
        }
    }

    /// The same for a run in memory that was not woken, without a task: for whoever is on an event loop and stays there.
    ///
    /// - Parameters:
    ///   - executor: runs what comes after the commit.
    ///   - completion: called once, by the executor or before the return.
    func stepAtOnce(
        _ run: LoadedRun, heard: [RunInput], on executor: CommitExecutor,
        completion: @escaping @Sendable (Attempt) -> Void
    ) {
        guard run.isShort, heard.allSatisfy(\.isShort) else { return completion(.declined) }
        let reading = clock.read()
        let inputs = heard + run.state.due(reading)
        let beginning = run.hasBegun ? nil : beginning(of: run, repeating: nil)
        let evaluate = evaluation(of: run, beginning, inputs, nil, reading)
        var reads = RecordReads()
        while true {
            let known = reads
            do {
                return try ingest.commitAtOnce(keys: reads.numbers, on: executor) {
                    try evaluate($0, $1, known)
                } completion: { result in
                    switch result {
                    case .success(.written(let committed, _)):
                        var run = run
                        run.become(committed.state, entries: committed.entries, committed.row)
                        completion(.moved(run, committed.outcome))
                    case .success: completion(.stale)
                    case .failure(let error): completion(.failed(error))
                    case nil: completion(.declined)
                    }
                }
            } catch RecordReads.Missing.number(let prefix) {
                reads.take(prefix)
            } catch is RecordReads.Missing {
                return completion(.declined)
            } catch {
                return completion(.failed(error))
            }
        }
    }

    /// What a run does first, if that is nothing but its own: requests, waits, times. Such a run begins with its event.
    ///
    /// - Returns: nil for what has to begin in a transaction of its own, because it may take long, or is about records, other
    ///   runs or further events.
    func prepare(_ run: LoadedRun, _ live: RuntimeConfiguration) -> PreparedRun? {
        guard run.isShort, run.workflow.definition.beginsAlone else { return nil }
        let reading = clock.read()
        let evaluate = evaluation(of: run, beginning(of: run, repeating: nil), [], nil, reading)
        // Whatever stands against it is met again, and told, when it begins.
        guard let draft = try? evaluate(live, [:], RecordReads()), draft.events.isEmpty, draft.runs.isEmpty,
            draft.output.isAlone
        else { return nil }
        var run = run
        let committed = draft.output
        run.become(committed.state, entries: committed.entries, committed.row)
        return PreparedRun(run: run, progress: committed.progress, outcome: committed.outcome)
    }

    private typealias Evaluate =
        @Sendable (RuntimeConfiguration, [String: Int64], RecordReads) throws -> Ingest.Draft<Committed>

    /// One transaction of a run, as a function of what it is evaluated with.
    private func evaluation(
        of run: LoadedRun, _ beginning: RunStart?, _ inputs: [RunInput], _ told: RunInputs?,
        _ reading: RunClock.Reading
    ) -> Evaluate {
        { live, numbers, reads in
            var evaluation = RunEvaluation(
                run, engine: engine, live: live, reads: reads, numbers: numbers, reading
            ) { [store] in store.nextULID(at: reading.now) }
            if let beginning {
                // It exists since its event; it begins now.
                try evaluation.handle(.start(beginning), at: run.createdAt)
                try evaluation.handle(.begin)
            }
            for input in inputs { try evaluation.handle(input) }
            return draft(evaluation, run, told, reading)
        }
    }

    /// nil for a run that has begun.
    private func beginning(of run: LoadedRun) async throws -> RunStart? {
        guard !run.hasBegun else { return nil }
        guard let earlier = run.retryOf, let detail = try await store.run(earlier) else {
            return beginning(of: run, repeating: nil)
        }
        return beginning(of: run, repeating: try RunState(journal: detail.journal.map(\.text)))
    }

    private func beginning(of run: LoadedRun, repeating earlier: RunState?) -> RunStart {
        if let earlier {
            let repeated = RunStart.repeating(earlier, run.workflow.definition, as: RunID(run.id.text))
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
            status: state.status,
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
        let row = LoadedRun.Row(progress)
        progress.isOnlyEntries = told == nil && evaluation.changesOnlyEntries && row == run.row
        let outcome = Outcome(
            requests: evaluation.requests, abandoned: evaluation.abandoned, finished: evaluation.finished,
            hasMore: hasMore, timer: progress.wakeAt)
        let writes = evaluation.writes
        var draft = Ingest.Draft(
            Committed(
                state: state, entries: run.entries + progress.entries.count, row: row, outcome: outcome,
                progress: progress, isAlone: writes.isEmpty),
            events: evaluation.events, contributions: writes + [.progress(progress, now: reading.now)])
        draft.runs = evaluation.children
        return draft
    }
}

extension RunInput {
    /// Whether what it brings is small.
    fileprivate var isShort: Bool {
        if case .http(_, _, .answered(_, _, let body, _, _)) = self {
            body.count <= LoadedRun.shortSize
        } else {
            true
        }
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
