/// How a subscription's queue stands, for people and metrics.
struct QueueStatus: Sendable, Equatable {
    /// Requests under way.
    let inFlight: Int
    /// nil when the breaker is turned off.
    let breaker: CircuitBreaker.State?
    /// The receiver answered 410, and nothing better since.
    let isGone: Bool
    /// Suspended, or a secret does not resolve.
    let isPaused: Bool
}

extension CircuitBreaker.State {
    /// The word for it in the status.
    var name: String {
        switch self {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "half-open"
        }
    }

    /// The number for it in the metrics.
    var level: Double {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
