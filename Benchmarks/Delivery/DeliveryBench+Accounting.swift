import Synchronization

extension DeliveryBench {
    /// Every event arrives exactly once when nothing crashes: counted one by one, not timed.
    func accounting(_ report: inout Report) async throws {
        let events = 50_000
        let sidecar = try await BenchSidecar.start(BenchSidecar.subscription("all", to: receiver.url()))
        let arrivals = Arrivals(events)
        receiver.observe { event, _ in arrivals.count(event) }
        try await producer(sidecar).post(0..<events, connections: Self.connections)
        try await sidecar.settled()
        receiver.observe(nil)
        try await sidecar.stop()
        let (lost, duplicated) = arrivals.result
        report.add(
            Measurement(name: "events sent, each looked for at the receiver", value: Double(events), unit: "")
        )
        report.add(Measurement(name: "events that were lost", value: Double(lost), unit: ""))
        report.add(Measurement(name: "events that came twice", value: Double(duplicated), unit: ""))
        guard lost == 0, duplicated == 0 else { throw BenchmarkFailure("events were lost or duplicated") }
    }

    private final class Arrivals: Sendable {
        private let counts: Mutex<[Int]>

        init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

        func count(_ event: Int) {
            counts.withLock { if $0.indices.contains(event) { $0[event] += 1 } }
        }

        var result: (lost: Int, duplicated: Int) {
            counts.withLock { counts in (counts.count { $0 == 0 }, counts.count { $0 > 1 }) }
        }
    }
}
