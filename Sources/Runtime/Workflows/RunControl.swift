import HTTPTypes
import JSON
import Resources
import Store
import Synchronization
import WorkflowEngine

/// What people do with runs: start, cancel, resume, do again.
struct RunControl: Sendable {
    let store: Store
    let ingest: Ingest
    let runtime: WorkflowRuntime
    let revisions: WorkflowRevisions
    let clock: any WallClock

    /// What became of a retry.
    enum Retry: Sendable {
        case started(APIResponse)
        case unknown
        case impossible(RunStatus)
        case neverBegan
        /// This version cannot read its journal.
        case unreadable(String)
    }

    @Sendable func cancel(_ id: WorkflowRunID) async throws -> RunCommandResult {
        told(try await store.cancelRun(id, now: clock.now()))
    }

    @Sendable func resume(_ id: WorkflowRunID) async throws -> RunCommandResult {
        told(try await store.resumeRun(id))
    }

    private func told(_ result: RunCommandResult) -> RunCommandResult {
        if case .accepted(_, let woken) = result { runtime.wake(woken) }
        return result
    }

    // MARK: Starting

    /// Starts a run by hand.
    ///
    /// - Throws: `Problem` for an unknown workflow, wrong inputs, and what the rules of the workflow are against.
    func start(
        _ name: String, inputs: JSONObject, source: String, _ idempotency: Idempotency?
    ) async throws -> APIResponse {
        let now = clock.now()
        let outcome = try await ingest.commit(keys: [:], isBounded: true) { live, _ in
            guard let workflow = live.workflows[name] else { throw Problem.notFound("workflow `\(name)`") }
            let starts = RunStarts(now: now) { [store] in store.nextULID(at: now) }
            let (event, run) = starts.manual(workflow, inputs: inputs, source: source)
            // What the caller can put right is told, not recorded.
            if let error = starts.error(in: inputs, of: workflow) {
                throw Problem.invalid(error.message, pointer: "/inputs")
            }
            var draft = Ingest.Draft((), events: [event])
            draft.runs = [0: [run]]
            if let idempotency {
                draft.contributions = [
                    idempotency.contribution(now: now) { Self.answer($0.first?.runs.first) }
                ]
            }
            return draft
        }
        switch outcome {
        case .repeated(let stored):
            guard let idempotency else { throw Ingest.Refusal.busy }
            return try idempotency.replay(stored)
        case .changed: throw Ingest.Refusal.busy
        case .written(_, let accepted): return Self.answer(accepted.first?.runs.first)
        }
    }

    private static func answer(_ run: StartedRun?) -> APIResponse {
        guard let run else { return .json(["id": .null, "status": "skipped"]) }
        guard !run.status.isFinal else {
            let reason = run.error.flatMap { try? JSONValue(parsing: $0) }?["message"]?.string
            return .problem(
                .conflict(
                    "the run `\(run.id)` ended as \(run.status.rawValue): \(reason ?? "no reason given")"),
                requestID: run.id.text)
        }
        var response = APIResponse.json(
            ["id": .string(run.id.text), "status": .string(run.status.rawValue)], .created)
        response.headers[.location] = "/api/v1/runs/\(run.id)"
        return response
    }

    // MARK: Doing again

    /// Does a run again from its failed step, under its own revision and with its event.
    func retry(_ id: WorkflowRunID, _ idempotency: Idempotency?) async throws -> Retry {
        let now = clock.now()
        if let idempotency, let earlier = try await idempotency.earlierAnswer(store, now: now) {
            return .started(earlier)
        }
        guard let detail = try await store.run(id) else { return .unknown }
        guard [.failed, .cancelled].contains(detail.run.status) else { return .impossible(detail.run.status) }
        let workflow = try await revisions.revision(detail.run.revision)
        let state: RunState
        do throws(JournalError) {
            state = try RunState(journal: detail.journal.map(\.text))
        } catch {
            return .unreadable("its journal cannot be read: \(error)")
        }
        let newID = WorkflowRunID(store.newID("run_", at: now))
        guard let start = RunStart.repeating(state, workflow.definition, as: RunID(newID.text)) else {
            return .neverBegan
        }
        var run = NewRun(
            id: newID, revision: workflow.revision, start: RunStartText(chain: start.chain).text,
            chainDepth: start.chain.depth - 1
        ) { [limit = workflow.definition.spec.concurrency?.limit] situation in
            // A person wants it: it waits for its turn, but nothing else is against it.
            let isFull = limit.map { situation.active.count >= $0 || situation.queued > 0 } ?? false
            return .start(isFull ? .queued : .running)
        }
        run.recordID = detail.run.recordID
        run.chainRoot = EventID(start.chain.root)
        run.concurrencyKey = detail.run.concurrencyKey
        run.limit = workflow.definition.spec.concurrency?.limit ?? 1
        run.retryOf = id
        let started = Mutex<StartedRun?>(nil)
        let again = Contribution.again(run, of: detail.event, now: now) { made in
            started.withLock { $0 = made }
        }
        let outcome = try await ingest.commit(keys: [:], isBounded: true) { _, _ in
            var contributions = [again]
            if let idempotency {
                contributions.append(
                    idempotency.contribution(now: now) { _ in Self.answer(started.withLock(\.self)) })
            }
            return Ingest.Draft((), contributions: contributions)
        }
        if case .repeated(let stored) = outcome, let idempotency {
            return .started(try idempotency.replay(stored))
        }
        return .started(Self.answer(started.withLock(\.self)))
    }
}

extension RunStarts {
    /// What is wrong with the inputs of a start by hand; nil when nothing is.
    func error(in inputs: JSONObject, of workflow: ActiveWorkflow) -> StepError? {
        let event = TriggerEvent(id: "", type: "manual", ts: now.description, data: .object(inputs))
        return workflow.definition.manualCandidate(for: event).candidate.error
    }
}
