import Resources
import Store
import Synchronization

/// What comes in, counted as it happens.
final class IngestMetrics: Sendable {
    private let events: CounterFamily
    private let duplicates: Counter
    private let fannedOut: Counter
    private let refusals: CounterFamily
    /// The counters of the types, at hand for every event.
    private let types = Mutex<[String: Counter]>([:])

    init(_ registry: MetricRegistry) {
        events = registry.counter(
            "events", "Events that are durable, by type; those of workflows are `custom`.", labels: ["type"])
        duplicates = registry.counter("duplicate_events", "Events whose id was there already.")
            .counter([])
        fannedOut = registry.counter("fanned_out_deliveries", "Deliveries that events caused.")
            .counter([])
        refusals = registry.counter(
            "refused_writes", "What came in and could not be stored, by reason.", labels: ["reason"])
    }

    func accepted(_ items: [FannedOutEvent], _ accepted: [AcceptedEvent]) {
        for index in items.indices {
            if accepted[index].isDuplicate {
                duplicates.increment()
            } else {
                counter(of: Self.label(items[index].event.type)).increment()
                fannedOut.increment(by: accepted[index].deliveries.count)
            }
        }
    }

    func refused(_ error: any Error) {
        switch error {
        case Ingest.Refusal.full: refusals.increment("full")
        case StoreError.overloaded: refusals.increment("overloaded")
        case StoreError.closed: refusals.increment("stopping")
        default: refusals.increment("state")
        }
    }

    private func counter(of type: String) -> Counter {
        types.withLock { types in
            if let known = types[type] { return known }
            let new = events.counter([type])
            types[type] = new
            return new
        }
    }

    /// Names that producers make up must not become series.
    private static func label(_ type: String) -> String { type.hasPrefix("custom.") ? "custom" : type }
}
