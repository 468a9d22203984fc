import Synchronization

/// All metrics of the process: what is counted as it happens, and what is looked up when somebody asks.
package final class MetricRegistry: Sendable {
    /// Looks up values; called for every answer, so it has to be quick.
    package typealias Collector = @Sendable () async throws -> [MetricFamily]

    /// Before the name of every metric of the program itself.
    package static let prefix = "zentra_sync_"
    /// Series of one family beyond which new ones share a series.
    package static let maxSeries = 20_000

    private let collectors = Mutex<[Collector]>([])

    package init() {}

    /// A family of counters; `name` without the prefix and without `_total`.
    package func counter(
        _ name: String, _ help: String, labels: [String] = [], maxSeries: Int = MetricRegistry.maxSeries
    ) -> CounterFamily {
        let family = CounterFamily(
            Self.prefix + name + "_total", help, labels: labels, maxSeries: maxSeries)
        collect { [family.family] }
        return family
    }

    /// A histogram; `name` without the prefix, with its unit.
    package func histogram(
        _ name: String, _ help: String, bounds: [Double] = Histogram.seconds
    ) -> Histogram {
        let histogram = Histogram(Self.prefix + name, help, bounds: bounds)
        collect { [histogram.family] }
        return histogram
    }

    /// Asks for values whenever somebody wants them.
    package func collect(_ collector: @escaping Collector) { collectors.withLock { $0.append(collector) } }

    /// Everything, in the order of the names.
    ///
    /// - Throws: what a collector throws.
    package func families() async throws -> [MetricFamily] {
        var families: [MetricFamily] = []
        for collector in collectors.withLock(\.self) { families += try await collector() }
        return families.sorted { $0.name < $1.name }
    }

    /// Everything in the text format.
    package func text() async throws -> String {
        var text = MetricText()
        for family in try await families() { text.append(family) }
        return text.text
    }
}
