import Reconciler
import Runtime
import Store

/// What a plan tells beside what it does: changed conditions tried on stored events, secrets that will rotate.
struct PlanNotes {
    private let store: Store
    private let live: LiveState

    init(_ store: Store, _ live: LiveState) {
        self.store = store
        self.live = live
    }

    /// The same plan with the notes.
    func noting(_ plan: Plan) async throws -> Plan {
        try await rotating(try await backtested(plan))
    }

    private func backtested(_ plan: Plan) async throws -> Plan {
        guard Backtest.isNeeded(plan) else { return plan }
        let events = try await store.events(EventFilter(), before: nil, limit: Backtest.eventLimit)
        return Backtest.noting(
            plan, live: live.configuration.resources, events: try events.items.map(PastEvent.init))
    }

    private func rotating(_ plan: Plan) async throws -> Plan {
        guard plan.changes.contains(where: { $0.kind == "SecretReference" && $0.action == .update }) else {
            return plan
        }
        let key: StateKey
        do {
            key = try StateKey.load(store.path, create: false)
        } catch {
            Console.standard.warning("cannot tell which secrets will rotate: \(error)")
            return plan
        }
        let notes = RotationNotes(
            reader: SecretReader(folders: nil), key: key, statuses: try await store.secretStatuses())
        return try notes.noting(plan)
    }
}
