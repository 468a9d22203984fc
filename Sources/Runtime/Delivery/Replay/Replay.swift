import Resources
import Store

/// Sends deliveries again: one, or a stretch of time of a subscription.
///
/// Everything goes through the state and the ordinary queues, a batch at a time, so a replay neither floods the
/// receiver nor holds up what is new.
struct Replay: Sendable {
    /// What is to be sent again.
    struct Request: Sendable {
        var subscription: String
        var selection: ReplaySelection
        /// Also deliver events of that time that the subscription never got, because it was not there yet.
        var includesMissing: Bool
    }

    let store: Store
    let configuration: ConfigurationWatcher
    let dispatcher: DeliveryDispatcher
    let clock: any WallClock

    /// Rows in one transaction.
    private static let batch = 500

    /// Sends one delivery again.
    func redeliver(_ id: DeliveryID, newID: Bool, keeping answer: KeptAnswer? = nil) async throws
        -> RedeliverResult
    {
        let result = try await store.redeliver(id, newID: newID, now: clock.now(), keeping: answer)
        if case .pending(_, let subscription) = result { dispatcher.stateHasMore(subscription) }
        return result
    }

    /// Makes everything of the request pending; returns how many deliveries that were.
    func run(_ request: Request) async throws -> Int {
        let count = try await replayExisting(request)
        return request.includesMissing ? count + (try await deliverMissing(request)) : count
    }

    private func replayExisting(_ request: Request) async throws -> Int {
        while try await store.writeCancellations(of: request.subscription, limit: Self.batch) != nil {}
        let now = clock.now()
        var total = 0
        var place: CommitSequence?
        repeat {
            let (count, next) = try await store.replay(
                request.subscription, request.selection, after: place, limit: Self.batch, now: now)
            total += count
            place = next
            dispatcher.stateHasMore(request.subscription)
        } while place != nil
        return total
    }

    private func deliverMissing(_ request: Request) async throws -> Int {
        var total = 0
        var place: CommitSequence?
        while true {
            let events = try await store.events(
                since: request.selection.since, until: request.selection.until, after: place,
                limit: Self.batch)
            guard let last = events.last else { return total }
            total += try await deliverMissing(events, to: request.subscription)
            place = last.sequence
            dispatcher.stateHasMore(request.subscription)
        }
    }

    private func deliverMissing(_ events: [Event], to name: String) async throws -> Int {
        for _ in 0..<Ingest.maxEvaluations {
            let live = configuration.current
            guard let subscription = live.subscriptions[name] else { return 0 }
            let now = clock.now()
            let missing = events.filter { subscription.spec.matches($0.type) }.compactMap { event in
                subscription.delivery(of: EventVariables(event)) { DeliveryID(store.nextULID(at: now)) }
                    .map { MissingDelivery(event: event.sequence, delivery: $0) }
            }
            let made = try await store.deliverMissing(missing, serial: live.serial, now: now)
            if let made { return made }
            try await configuration.reload()
        }
        throw Ingest.Refusal.busy
    }
}
