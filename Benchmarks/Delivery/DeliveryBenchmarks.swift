import NIOCore

/// Webhooks end to end: a producer, the sidecar as its users run it, and a receiver, on one machine.
///
/// The limit is a bare loop of async-http-client to the same receiver, which runs before and after what is held against
/// it, so that a machine that is busy with something else is so for both.
struct DeliveryBenchmarks: Subject {
    static let name = "delivery"

    /// What is measured, in this order.
    private enum Phase: String, CaseIterable {
        case endToEnd = "end-to-end"
        case fanOut = "fan-out"
        case latency, drain, isolation, recovery, accounting
    }

    private let phases: [Phase]

    init(phases: [String]?) throws { self.phases = try Phase.chosen(phases) }

    func run(_ report: inout Report) async throws {
        try await BenchReceiver.serving { group, receiver in
            let bench = DeliveryBench(group: group, receiver: receiver)
            for phase in phases {
                switch phase {
                case .endToEnd:
                    for connections in [DeliveryBench.connections, 128, 256] {
                        try await bench.endToEnd(
                            fanOut: 1, events: 60_000, connections: connections, &report)
                    }
                    try await bench.endToEnd(fanOut: 1, events: 60_000, inEachRequest: 10, &report)
                case .fanOut: try await bench.endToEnd(fanOut: 10, events: 10_000, &report)
                case .latency: try await bench.latency(&report)
                case .drain: try await bench.drain(&report)
                case .isolation: try await bench.isolation(&report)
                case .recovery: try await bench.recovery(&report)
                case .accounting: try await bench.accounting(&report)
                }
            }
        }
    }
}

/// What the phases share.
struct DeliveryBench {
    static let bareRequests = 60_000
    static let bareName = "the bare async-http-client loop"
    /// Of the producer.
    static let connections = 64
    static let pairs = 3

    let group: any EventLoopGroup
    let receiver: BenchReceiver

    func bareRate(_ concurrency: Int) async throws -> Double {
        try await BareClient.rate(
            url: receiver.url(), count: Self.bareRequests, concurrency: concurrency)
    }

    func producer(_ sidecar: BenchSidecar) -> Producer {
        Producer(group: group, port: sidecar.port, token: BenchSidecar.token)
    }

    /// Runs `measure` between bare loops, and holds each result against the mean of its neighbours.
    ///
    /// - Parameter concurrency: requests that the bare loop has under way.
    func paired(
        concurrency: Int = connections, _ measure: () async throws -> Double
    ) async throws -> (rate: Double, bare: Double, ratio: Double) {
        var bare = [try await bareRate(concurrency)]
        var rates: [Double] = []
        for _ in 0..<Self.pairs {
            rates.append(try await measure())
            bare.append(try await bareRate(concurrency))
        }
        let ratios = rates.indices.map { rates[$0] / ((bare[$0] + bare[$0 + 1]) / 2) }
        return (rates.median, bare.median, ratios.median)
    }

    func names(_ count: Int) -> [String] { (0..<count).map { "receiver-\($0)" } }
}
