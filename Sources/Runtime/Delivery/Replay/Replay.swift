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

    /// Makes everything of the request pending, or the next piece of it.
    ///
    /// - Parameters:
    ///   - place: where the last piece ended.
    ///   - limit: deliveries and events to look at, about; nil for all.
    /// - Returns: how many deliveries became pending, and where to go on; nil at the end.
    func run(
        _ request: Request, from place: ReplayPlace? = nil, limit: Int? = nil
    ) async throws -> (count: Int, next: ReplayPlace?) {
        while try await store.writeCancellations(of: request.subscription, limit: Self.batch) != nil {}
        var place = if let place { place } else { try await ReplayPlace(upTo: store.newest()) }
        var count = 0
        var left = limit ?? .max
        while left > 0 {
            let step = try await step(request, place, limit: min(left, Self.batch))
            count += step.count
            left -= min(left, Self.batch)
            dispatcher.stateHasMore(request.subscription)
            guard let next = step.next else { return (count, nil) }
            place = next
        }
        return (count, place)
    }

    private func step(
        _ request: Request, _ place: ReplayPlace, limit: Int
    ) async throws -> (count: Int, next: ReplayPlace?) {
        switch place.part {
        case .made:
            let (count, next) = try await store.replay(
                request.subscription, request.selection, after: place.after, upTo: place.lastDelivery,
                limit: limit, now: clock.now())
            if let next { return (count, place.going(on: next)) }
            return (count, request.includesMissing ? place.going(to: .missing) : nil)
        case .missing:
            let events = try await store.events(
                since: request.selection.since, until: request.selection.until, after: place.after,
                upTo: place.lastEvent, limit: limit)
            guard let last = events.last else { return (0, nil) }
            let count = try await deliverMissing(events, to: request.subscription)
            return (count, place.going(on: last.sequence))
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
