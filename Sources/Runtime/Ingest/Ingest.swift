package import Store

/// Takes events in: evaluates what follows from them, stores all of it in one transaction, starts the deliveries.
package final class Ingest: Sendable {
    /// Why events are refused although nothing is wrong with them.
    package enum Refusal: Error {
        /// The configuration changed again and again while the events were evaluated.
        case busy
    }

    private let store: Store
    private let configuration: ConfigurationWatcher
    private let dispatcher: DeliveryDispatcher
    private let clock: any RuntimeClock

    /// Evaluations under newer configurations before the caller has to come again.
    static let maxEvaluations = 5

    init(
        store: Store, configuration: ConfigurationWatcher, dispatcher: DeliveryDispatcher,
        clock: any RuntimeClock
    ) {
        self.store = store
        self.configuration = configuration
        self.dispatcher = dispatcher
        self.clock = clock
    }

    /// Accepts events, all or none; durable on return.
    ///
    /// - Throws: `StoreError` when the state cannot be written, `Refusal`.
    ///
    /// - Parameter subscription: the only one that gets them, whether it matches or not; nil for all that match.
    package func accept(_ events: [NewEvent], only subscription: String? = nil) async throws
        -> [AcceptedEvent]
    {
        var live = configuration.current
        for _ in 0..<Self.maxEvaluations {
            let now = clock.now()
            let items = events.map { live.fanOut($0, only: subscription) { store.nextULID(at: now) } }
            switch try await store.accept(items, serial: live.serial, now: now) {
            case .accepted(let accepted):
                dispatcher.accepted(zip(items, accepted).flatMap(due))
                for (item, accepted) in zip(items, accepted) { tellOfRefused(item, accepted) }
                return accepted
            case .stale:
                live = try await configuration.reload()
            }
        }
        throw Refusal.busy
    }

    private func due(_ item: FannedOutEvent, _ accepted: AcceptedEvent) -> [DueDelivery] {
        guard !accepted.deliveries.isEmpty else { return [] }
        let event = Event(item.event, accepted)
        let due = zip(item.deliveries, accepted.deliveries).filter { $0.refusal == nil && !$1.isBlocked }
        return due.map { new, stored in
            DueDelivery(
                sequence: stored.sequence, id: stored.id, subscription: stored.subscription,
                orderKey: new.orderKey,
                body: new.body, event: event)
        }
    }
}

extension Ingest {
    private func tellOfRefused(_ item: FannedOutEvent, _ accepted: AcceptedEvent) {
        for (new, stored) in zip(item.deliveries, accepted.deliveries) {
            guard let refusal = new.refusal else { continue }
            dispatcher.refused(stored, of: item.event.type, refusal)
        }
    }
}

extension Event {
    fileprivate init(_ event: NewEvent, _ accepted: AcceptedEvent) {
        self.init(
            sequence: accepted.sequence, id: accepted.id, type: event.type, ts: event.ts, data: event.data,
            changed: event.changed, previous: event.previous, source: event.source,
            acceptedAt: accepted.acceptedAt)
    }
}
