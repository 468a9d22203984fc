import Synchronization

/// How often values fell into each of a few ranges, and their sum.
package final class Histogram: Sendable {
    /// Seconds, from what a receiver on the same machine takes to what no receiver should.
    package static let seconds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]

    private struct State {
        /// Of each range alone; the last is beyond the highest bound.
        var counts: [Int]
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ name: String, _ help: String, bounds: [Double]) {
        precondition(
            zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "the bounds of `\(name)` have to rise")
        self.name = name
        self.help = help
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    package func observe(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    /// The counts of its buckets include those below, as the format wants it.
    var family: MetricFamily {
        let state = state.withLock(\.self)
        var samples: [MetricFamily.Sample] = []
        var total = 0
        for (bound, count) in zip(bounds + [.infinity], state.counts) {
            total += count
            samples.append(
                .init(Double(total), labels: [MetricLabel("le", MetricText.number(bound))], suffix: "_bucket")
            )
        }
        samples.append(.init(state.sum, suffix: "_sum"))
        samples.append(.init(Double(total), suffix: "_count"))
        return MetricFamily(name, help, .histogram, samples)
    }
}
