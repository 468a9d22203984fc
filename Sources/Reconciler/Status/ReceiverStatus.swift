package import JSON
package import Store

/// How the receiver of a subscription is, which only the process that delivers knows.
package struct ReceiverStatus: Sendable, Equatable {
    package enum Breaker: String, Sendable {
        case off
        case closed
        case open
        case halfOpen = "half-open"
    }

    /// It answered 410, and nothing better since.
    package let isGone: Bool
    package let breaker: Breaker
    /// When an open breaker lets a request through again.
    package let openUntil: UnixTime?

    /// The receivers of a running sidecar by subscription: its answer to `GET /api/v1/subscriptions`.
    ///
    /// nil when it is none. A subscription that is not live there yet is left out.
    package static func all(answer: JSONValue) -> [String: ReceiverStatus]? {
        guard let items = answer["items"]?.array else { return nil }
        let named = items.compactMap { item -> (String, ReceiverStatus)? in
            guard let name = item["name"]?.string, let receiver = item["status"].flatMap(Self.init(status:))
            else { return nil }
            return (name, receiver)
        }
        return Dictionary(named) { first, _ in first }
    }

    /// - Parameter status: of a subscription, as the API shows it; nil when it does not tell of the receiver.
    package init?(status: JSONValue) {
        self.init(state: status["state"]?.string, circuitBreaker: status["circuitBreaker"])
    }

    init?(state: String?, circuitBreaker: JSONValue?) {
        guard let breaker = circuitBreaker?["state"]?.string.flatMap(Breaker.init(rawValue:)) else {
            return nil
        }
        isGone = state == ResourceStatus.Condition.receiverGone.rawValue
        self.breaker = breaker
        openUntil = circuitBreaker?["until"]?.string.flatMap(UnixTime.init(rfc3339:))
    }

    /// The breaker, in the form of the API.
    var circuitBreaker: JSONValue {
        var members: JSONObject = ["state": .string(breaker.rawValue)]
        members["until"] = openUntil.map { .string($0.description) }
        return .object(members)
    }

    /// What people are told of the breaker; nil when it lets everything through.
    var notice: String? {
        switch breaker {
        case .off, .closed: nil
        case .open: "circuit breaker open" + (openUntil.map { " until \($0)" } ?? "")
        case .halfOpen: "circuit breaker half-open, one request tries"
        }
    }
}
