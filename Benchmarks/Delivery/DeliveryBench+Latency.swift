import NIOCore
import Synchronization

extension DeliveryBench {
    /// From an event to its request at the receiver, at a rate that leaves the machine room.
    func latency(_ report: inout Report) async throws {
        let (rate, seconds) = (1000, 20)
        let sidecar = try await BenchSidecar.start(BenchSidecar.subscription("all", to: receiver.url()))
        let producer = producer(sidecar)
        try await producer.post(0..<2000, connections: Self.connections)
        let times = Times(first: 2000, count: rate * seconds)
        receiver.observe { times.arrived($0, $1) }
        try await producer.post(
            2000..<(2000 + rate * seconds), perSecond: rate, connections: Self.connections
        ) { times.accepted($0, sent: $1, answered: $2) }
        try await sidecar.settled()
        receiver.observe(nil)
        try await sidecar.stop()
        let latencies = try times.latencies()
        for (name, share, target) in [("p50", 0.5, 2.0), ("p99", 0.99, 10), ("p99.9", 0.999, nil)] {
            report.add(
                Measurement(
                    name: "from 202 to the receiver at \(rate) events/s, \(name)",
                    value: latencies.afterAnswer.quantile(share), unit: "ms",
                    limit: target.map { .target($0) } ?? .none))
        }
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            report.add(
                Measurement(
                    name: "from the event's request to the receiver, \(name)",
                    value: latencies.afterRequest.quantile(share), unit: "ms"))
        }
    }

    /// When each event was sent, accepted and delivered.
    private final class Times: Sendable {
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
}
