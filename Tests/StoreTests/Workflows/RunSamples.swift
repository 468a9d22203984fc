import Resources
import Synchronization
import Testing

@testable import Store

extension WorkflowRevision {
    static func sample(_ workflow: String = "page", digest: String? = nil, secrets: [String] = [])
        -> WorkflowRevision
    {
        WorkflowRevision(
            digest: digest ?? "digest-of-\(workflow)", workflow: workflow, canonical: "{}", secrets: secrets)
    }
}

extension NewRun {
    static func sample(
        _ store: Store, _ revision: WorkflowRevision = .sample(), now: UnixTime = .t0,
        _ change: (inout NewRun) -> Void = { _ in }
    ) -> NewRun {
        var run = NewRun(id: WorkflowRunID(store.newID("run_", at: now)), revision: revision, start: "{}") {
            _ in
            .start(.running)
        }
        change(&run)
        return run
    }
}

extension Store {
    /// Accepts an event that starts runs.
    @discardableResult
    func start(
        _ runs: [NewRun], id: String? = nil, waitKey: String? = nil, now: UnixTime = .t0
    ) async throws -> AcceptedEvent {
        let event = FannedOutEvent.sample(id: id).event
        return try await accept(
            FannedOutEvent(event: event, deliveries: [], runs: runs, waitKey: waitKey), now: now)
    }

    func start(_ run: NewRun, now: UnixTime = .t0) async throws -> StartedRun? {
        try await start([run], now: now).runs.first
    }

    /// Writes a fact that consists of contributions.
    @discardableResult
    func write(_ contributions: Contribution..., now: UnixTime = .t0) async throws -> FactResult {
        try await commit(Fact(serial: serial(), contributions: contributions), now: now)
    }

    /// Moves a run on from where it is.
    @discardableResult
    func move(
        _ run: StartedRun, _ status: RunStatus, isReady: Bool = false, entries: [String] = [],
        begins: [RunProgress.Wait] = [], ends: [String] = [], seen: [String: CommitSequence] = [:],
        takes: [String] = [], wakeAt: UnixTime? = nil, outputs: String? = nil, now: UnixTime = .t0
    ) async throws -> FactResult {
        let work = try #require(try await runWork(run.sequence))
        var progress = RunProgress(
            run: run.sequence, after: work.journal.count, wakes: work.signals.wakes, status: status,
            isReady: isReady)
        progress.entries = entries.map { .init(at: now, text: $0) }
        (progress.begins, progress.ends, progress.seen) = (begins, ends, seen)
        (progress.takes, progress.wakeAt, progress.outputs) = (takes, wakeAt, outputs)
        progress.handlesCommand = work.signals.command != nil
        return try await write(.progress(progress, now: now), now: now)
    }

    func status(_ run: StartedRun) async throws -> RunStatus? {
        try await self.run(run.id)?.run.status
    }

    func ready() async throws -> [CommitSequence] {
        try await readyRuns(after: CommitSequence(0), limit: 100)
    }
}

extension FactResult {
    var woken: [CommitSequence] { if case .written(_, let woken) = self { woken } else { [] } }

    var obstacle: Obstacle? { if case .obstructed(let obstacle) = self { obstacle } else { nil } }
}

extension InboundMessage {
    static func sample(
        _ id: String, endpoint: String = "pagerduty", key: String = "k", at time: UnixTime = .t0
    ) -> InboundMessage {
        InboundMessage(
            id: id, endpoint: endpoint, correlationKey: key, data: "{}", headers: "{}", receivedAt: time,
            expiresAt: time + .seconds(3600))
    }
}

extension RunProgress.Wait {
    static func pagerduty(_ step: String) -> Self {
        .init(step: step, source: .inbound(endpoint: "pagerduty"), key: "k")
    }
}

/// What closures have seen.
final class Collected<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    var values: [Value] { state.withLock(\.self) }

    func append(_ value: Value) { state.withLock { $0.append(value) } }
}
