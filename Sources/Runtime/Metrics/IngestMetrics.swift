import Resources
import Store

/// What comes in, counted as it happens.
final class IngestMetrics: Sendable {
    private let events: CounterFamily
    private let duplicates: Counter
    private let fannedOut: Counter
    private let refusals: CounterFamily

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
                events.increment(Self.label(items[index].event.type))
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

    /// Names that producers make up must not become series.
    private static func label(_ type: String) -> String { type.hasPrefix("custom.") ? "custom" : type }
}
