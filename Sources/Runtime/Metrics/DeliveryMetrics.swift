import NIOCore
import Store
import Synchronization

/// What deliveries and their attempts come to, counted as it happens.
final class DeliveryMetrics: Sendable {
    /// The counters of one subscription, at hand for every attempt.
    final class OfSubscription: Sendable {
        private let byOutcome: (delivered: Counter, retry: Counter, failed: Counter, exhausted: Counter)
        fileprivate let delivered: Counter
        fileprivate let failed: Counter
        fileprivate let exhausted: Counter

        fileprivate init(_ name: String, _ deliveries: CounterFamily, _ attempts: CounterFamily) {
            func counter(_ outcome: Attempt.Outcome) -> Counter {
                attempts.counter([name, outcome.rawValue])
            }
            byOutcome = (counter(.delivered), counter(.retry), counter(.failed), counter(.exhausted))
            delivered = deliveries.counter([name, DeliveryStatus.delivered.rawValue])
            failed = deliveries.counter([name, DeliveryStatus.failed.rawValue])
            exhausted = deliveries.counter([name, DeliveryStatus.exhausted.rawValue])
        }

        fileprivate func attempts(_ outcome: Attempt.Outcome) -> Counter {
            switch outcome {
            case .delivered: byOutcome.delivered
            case .retry: byOutcome.retry
            case .failed: byOutcome.failed
            case .exhausted: byOutcome.exhausted
            }
        }
    }

    private let deliveries: CounterFamily
    private let attempts: CounterFamily
    private let failures: CounterFamily
    private let duration: Histogram
    private let latency: Histogram
    private let subscriptions = Mutex<[String: OfSubscription]>([:])

    init(_ registry: MetricRegistry) {
        deliveries = registry.counter(
            "deliveries", "Deliveries that came to an end, by what they came to.",
            labels: ["subscription", "outcome"])
        attempts = registry.counter(
            "delivery_attempts", "Requests that were made or refused, by what they came to.",
            labels: ["subscription", "outcome"])
        failures = registry.counter(
            "delivery_attempt_failures",
            "Attempts that did not deliver, and deliveries that could not be made, by class of error.",
            labels: ["class"])
        duration = registry.histogram(
            "delivery_duration_seconds", "Duration of one request, from its start to the end of the answer.")
        latency = registry.histogram(
            "delivery_latency_seconds",
            "From the acceptance of an event to its delivery, of deliveries that took one attempt.")
    }

    /// An attempt ended; its result is not durable yet.
    ///
    /// - Parameter duration: of the request; nil when none was made.
    func attempted(_ delivery: DueDelivery, _ record: AttemptRecord, duration: TimeAmount?, now: UnixTime) {
        let outcome = record.attempt.outcome
        of(delivery.subscription).attempts(outcome).increment()
        if let errorClass = record.attempt.errorClass { failures.increment(errorClass) }
        if let duration { self.duration.observe(Double(duration.nanoseconds) / 1e9) }
        if outcome == .delivered, record.attempt.number == 1 {
            let milliseconds = now.milliseconds - delivery.event.acceptedAt.milliseconds
            latency.observe(Double(max(milliseconds, 0)) / 1000)
        }
    }

    /// A result is durable.
    func recorded(_ subscription: String, _ transition: DeliveryTransition) {
        switch transition {
        case .delivered: of(subscription).delivered.increment()
        case .failed: of(subscription).failed.increment()
        case .exhausted: of(subscription).exhausted.increment()
        case .retry: break
        }
    }

    /// A delivery could not be made: it failed without an attempt.
    func refused(_ subscription: String, errorClass: String) {
        failures.increment(errorClass)
        deliveries.increment(subscription, DeliveryStatus.failed.rawValue, by: 1)
    }

    /// Deliveries came to an end without an attempt.
    func ended(_ subscription: String, _ status: DeliveryStatus, count: Int = 1) {
        if count > 0 { deliveries.increment(subscription, status.rawValue, by: count) }
    }

    /// Ends the series of subscriptions that are gone.
    func keep(_ isLive: (String) -> Bool) {
        let known = subscriptions.withLock { subscriptions in
            defer { subscriptions = subscriptions.filter { isLive($0.key) } }
            return subscriptions.count
        }
        guard known > 0 else { return }
        deliveries.remove { !isLive($0[0]) }
        attempts.remove { !isLive($0[0]) }
    }

    private func of(_ subscription: String) -> OfSubscription {
        subscriptions.withLock { subscriptions in
            if let known = subscriptions[subscription] { return known }
            let new = OfSubscription(subscription, deliveries, attempts)
            subscriptions[subscription] = new
            return new
        }
    }
}
