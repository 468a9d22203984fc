import Resources
import Store
import Synchronization

/// The revisions that runs have, compiled, by digest.
///
/// Those of the live configuration are always there; pinned ones are read from the state when a run needs them, and
/// forgotten when many others were used since.
final class WorkflowRevisions: Sendable {
    private struct State {
        var live: [String: ActiveWorkflow] = [:]
        var pinned: [String: ActiveWorkflow] = [:]
        /// The least recently used first.
        var order: [String] = []
        /// Events that a step of a pinned revision waits for; it only grows, which costs rows, not correctness.
        var awaited: Set<EventPattern> = []
    }

    private let state = Mutex(State())
    private let store: Store

    /// Pinned revisions in memory.
    static let limit = 100

    init(store: Store) { self.store = store }

    func configure(_ workflows: some Sequence<ActiveWorkflow>) {
        state.withLock { state in
            // Runs keep what was live.
            for workflow in state.live.values { state.awaited.formUnion(workflow.awaitedEvents) }
            state.live = Dictionary(workflows.map { ($0.revision.digest, $0) }) { first, _ in first }
        }
    }

    /// Learns what the runs of earlier processes may wait for.
    func prepare() async throws {
        for digest in try await store.openRevisions() { _ = try await revision(digest) }
    }

    /// - Throws: `StoreError`; `DefinitionError` or `SpecError` for what this version cannot run.
    func revision(_ digest: String) async throws -> ActiveWorkflow {
        if let known = state.withLock({ known(digest, &$0) }) { return known }
        guard let stored = try await store.workflowRevision(digest) else {
            throw StoreError.database("the revision `\(digest)` of a workflow is gone")
        }
        let workflow = try ActiveWorkflow(Resource(canonical: stored.canonical))
        state.withLock { state in
            state.pinned[digest] = workflow
            state.order.append(digest)
            state.awaited.formUnion(workflow.awaitedEvents)
            if state.order.count > Self.limit { state.pinned[state.order.removeFirst()] = nil }
        }
        return workflow
    }

    /// One that is in memory.
    func known(_ digest: String) -> ActiveWorkflow? { state.withLock { known(digest, &$0) } }

    private func known(_ digest: String, _ state: inout State) -> ActiveWorkflow? {
        if let live = state.live[digest] { return live }
        guard let pinned = state.pinned[digest] else { return nil }
        state.order.removeAll { $0 == digest }
        state.order.append(digest)
        return pinned
    }

    /// Whether a step of some run may wait for events of a type.
    func mayBeAwaited(_ type: String) -> Bool {
        state.withLock { $0.awaited.contains { $0.matches(type) } }
    }
}
