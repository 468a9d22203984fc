import Store

/// The gauges of the delivery queues, looked up when somebody asks.
struct QueueMetrics: Sendable {
    let store: Store
    let dispatcher: DeliveryDispatcher
    let clock: any WallClock

    func families() async throws -> [MetricFamily] {
        let statuses = dispatcher.statuses.sorted { $0.key < $1.key }
        let pending = store.pending.all
        let oldest = try await store.oldestPending(of: pending.keys.sorted())
        let now = clock.now()
        func gauge(_ name: String, _ help: String, _ value: (String, QueueStatus) -> Double?) -> MetricFamily
        {
            MetricFamily(
                MetricRegistry.prefix + name, help, .gauge,
                statuses.compactMap { name, status in
                    value(name, status).map { .init($0, labels: [MetricLabel("subscription", name)]) }
                })
        }
        return [
            gauge("pending_deliveries", "Deliveries that are not at an end.") { name, _ in
                Double(pending[name] ?? 0)
            },
            gauge("oldest_pending_seconds", "Age of the oldest pending delivery; 0 when there is none.") {
                name, _ in oldest[name].map { max(0, Double((now - $0).milliseconds) / 1000) } ?? 0
            },
            gauge("in_flight_deliveries", "Requests under way.") { Double($1.inFlight) },
            gauge("circuit_breaker_state", "0 closed, 1 half-open, 2 open; absent when it is turned off.") {
                $1.breaker?.level
            },
            gauge("receiver_gone", "1 when the receiver answered 410, and nothing better since.") {
                $1.isGone ? 1 : 0
            },
            gauge("subscription_paused", "1 when it is suspended or a secret does not resolve.") {
                $1.isPaused ? 1 : 0
            },
        ]
    }
}
