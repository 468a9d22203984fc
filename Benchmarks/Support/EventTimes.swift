import NIOCore
import Synchronization

/// When each event was sent, accepted, and came to the receiver as a request.
final class EventTimes: Sendable {
    private struct Event { var sent = 0.0, answered = 0.0, arrived = 0.0 }

    private let first: Int
    private let events: Mutex<[Event]>

    init(first: Int, count: Int) {
        self.first = first
        events = Mutex(Array(repeating: Event(), count: count))
    }

    func accepted(_ number: Int, sent: NIODeadline, answered: NIODeadline) {
        events.withLock { events in
            guard events.indices.contains(number - first) else { return }
            events[number - first].sent = Double(sent.uptimeNanoseconds) / 1e6
            events[number - first].answered = Double(answered.uptimeNanoseconds) / 1e6
        }
    }

    func arrived(_ number: Int, _ now: NIODeadline) {
        events.withLock { events in
            guard events.indices.contains(number - first) else { return }
            events[number - first].arrived = Double(now.uptimeNanoseconds) / 1e6
        }
    }

    /// Milliseconds; a request that overtakes the 202 counts as 0 behind it.
    func latencies() throws -> (afterAnswer: [Double], afterRequest: [Double]) {
        let events = events.withLock(\.self)
        guard events.allSatisfy({ $0.answered > 0 && $0.arrived > 0 }) else {
            throw BenchmarkFailure("an event did not arrive")
        }
        return (events.map { max(0, $0.arrived - $0.answered) }, events.map { $0.arrived - $0.sent })
    }
}
