/// A metric with all its series at one moment.
package struct MetricFamily: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram, summary }

    /// One line of the exposition.
    package struct Sample: Sendable {
        /// What follows the family's name: `_bucket`, `_sum`, `_count`, or nothing.
        package var suffix: String
        package var labels: [MetricLabel]
        package var value: Double

        package init(_ value: Double, labels: [MetricLabel] = [], suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    package let name: String
    package let help: String
    package let kind: Kind
    package var samples: [Sample]

    /// - Parameter name: without the prefix of the program for what every process has, such as `process_…`; counters
    ///   end in `_total`, units are seconds and bytes.
    package init(_ name: String, _ help: String, _ kind: Kind, _ samples: [Sample]) {
        precondition(Self.isName(name), "`\(name)` is not the name of a metric")
        precondition(
            kind != .counter || name.hasSuffix("_total"), "the counter `\(name)` has to end in `_total`")
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// A gauge with one series.
    package static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name, help, .gauge, [Sample(value)])
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F }
    }
}

/// The name and the value of a label.
package struct MetricLabel: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
