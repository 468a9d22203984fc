import Synchronization

/// How many messages each endpoint got and what became of them.
final class InboundCounters: Sendable {
    enum Result: String, Sendable { case accepted, duplicate, noMessageID, noCorrelationKey }

    private let counts = Mutex<[String: [Result: Int]]>([:])

    func count(_ endpoint: String, _ result: Result) {
        counts.withLock { $0[endpoint, default: [:]][result, default: 0] += 1 }
    }

    /// Since the start of the process.
    func counts(of endpoint: String) -> [Result: Int] { counts.withLock { $0[endpoint] ?? [:] } }

    /// Of all endpoints, for the metrics, whose words are in snake case.
    var all: [(endpoint: String, result: String, count: Int)] {
        counts.withLock(\.self).sorted { $0.key < $1.key }.flatMap { endpoint, counts in
            counts.map { (endpoint, $0.key.metricLabel, $0.value) }.sorted { $0.1 < $1.1 }
        }
    }
}

extension InboundCounters.Result {
    fileprivate var metricLabel: String {
        switch self {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .noMessageID: "no_message_id"
        case .noCorrelationKey: "no_correlation_key"
        }
    }
}
