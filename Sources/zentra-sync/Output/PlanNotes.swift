import Reconciler
import Runtime
import Store

/// What a plan tells beside what it does: changed conditions tried on stored events, secrets that will rotate, what is
/// changed outside of git again and again.
struct PlanNotes {
    private let store: Store
    private let live: LiveState
    private let now = UnixTime.now()

    init(_ store: Store, _ live: LiveState) {
        self.store = store
        self.live = live
    }

    /// The same plan with the notes.
    func noting(_ plan: Plan) async throws -> Plan {
        try await rotating(try await backtested(plan)).noting(try await store.drifts(now: now), now: now)
    }

    private func backtested(_ plan: Plan) async throws -> Plan {
        guard Backtest.isNeeded(plan) else { return plan }
        let events = try await store.events(EventFilter(), before: nil, limit: Backtest.eventLimit)
        return Backtest.noting(
            plan, live: live.configuration.resources, events: try events.items.map(PastEvent.init))
    }

    private func rotating(_ plan: Plan) async throws -> Plan {
        let notes = try RotationNotes(plan)
        guard !notes.references.isEmpty else { return plan }
        let key: StateKey
        do {
            key = try StateKey.load(store.path, create: false)
        } catch {
            Console.standard.warning("cannot tell which secrets will rotate: \(error)")
            return plan
        }
        let statuses = try await store.secretStatuses()
        let reader = SecretReader(folders: nil)
        let rotations = notes.references.map { reference in
            SecretRotation(
                before: statuses.first { $0.name == reference.name }?.fingerprint,
                value: reader.read(reference.source), key: key.bytes)
        }
        return notes.noting(plan, rotations, place: "here")
    }
}
