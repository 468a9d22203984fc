import Synchronization

/// A number that only grows; made by a `CounterFamily`.
package final class Counter: Sendable {
    private let count = Atomic(0)

    package var value: Int { count.load(ordering: .relaxed) }

    package func increment(by amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
}

/// Counters that differ in their labels.
///
/// The number of series is bounded: values beyond the bound share one series, whose labels all read `other`.
package final class CounterFamily: Sendable {
    private let name: String
    private let help: String
    private let labels: [String]
    private let maxSeries: Int
    private let series = Mutex<[[String]: Counter]>([:])

    init(_ name: String, _ help: String, labels: [String], maxSeries: Int) {
        self.name = name
        self.help = help
        self.labels = labels
        self.maxSeries = maxSeries
    }

    /// The counter with these values, one for each label. Keep it where it is incremented often.
    package func counter(_ values: [String]) -> Counter {
        precondition(values.count == labels.count, "`\(name)` has \(labels.count) labels")
        return series.withLock { series in
            if let known = series[values] { return known }
            let key = series.count < maxSeries ? values : labels.map { _ in "other" }
            let counter = series[key] ?? Counter()
            series[key] = counter
            return counter
        }
    }

    package func increment(_ values: String..., by amount: Int = 1) { counter(values).increment(by: amount) }

    /// Ends series, such as those of a resource that is gone.
    package func remove(where isUnwanted: ([String]) -> Bool) {
        series.withLock { series in series = series.filter { !isUnwanted($0.key) } }
    }
}

extension CounterFamily {
    var family: MetricFamily {
        let current = series.withLock(\.self).sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return MetricFamily(
            name, help, .counter,
            current.map { values, counter in
                .init(Double(counter.value), labels: zip(labels, values).map(MetricLabel.init))
            })
    }
}
