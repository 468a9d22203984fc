import JSON

/// From files to a live configuration, at several sizes.
struct ReconcilerSubject: Subject {
    static let name = "reconcile"

    init(phases: [String]?) {}

    func run(_ report: inout Report) async throws {
        for size in ReconcilerBenchmarks.sizes {
            let result = try ReconcilerBenchmarks.run(size: size)
            for item in result["items"]?.array ?? [] {
                let name = item["name"]?.string ?? ""
                report.add(
                    Measurement(
                        name: "\(size) resources: \(name)",
                        value: Double(item["microseconds"]?.int ?? 0) / 1000, unit: "ms",
                        limit: Self.limit(item, name, size)))
            }
            for (name, member, scale, unit) in [
                ("CPU of a no-op poll", "noopPollProcessorMicroseconds", 1000.0, "ms"),
                ("peak memory of the cold plan", "coldPlanPeakKiB", 1024, "MiB"),
                ("peak memory", "peakKiB", 1024, "MiB"),
            ] {
                report.add(
                    Measurement(
                        name: "\(size) resources: \(name)",
                        value: Double(result[member]?.int ?? 0) / scale, unit: unit,
                        limit: Self.target(name, size)))
            }
        }
        for size in GitToLive.sizes {
            report.add(
                Measurement(
                    name: "\(size) resources: \(GitToLive.name)",
                    value: try await GitToLive.milliseconds(size: size), unit: "ms",
                    limit: size == 10_000 ? .target(50) : .none))
        }
    }

    private static func limit(_ item: JSONValue, _ name: String, _ size: Int) -> Measurement.Limit {
        if item["isLimit"]?.bool == true { return .isLimit }
        return item["ratio"]?.int.map { .ratio(Double($0) / 1000, of: "the limit") } ?? target(name, size)
    }

    /// What is to be reached whatever the machine; for most only at one size.
    private static func target(_ name: String, _ size: Int) -> Measurement.Limit {
        switch (name, size) {
        case ("CPU of a no-op poll", _): .target(5)
        case ("peak memory of the cold plan", 10_000): .target(128)
        case ("cold plan", 10_000): .target(500)
        case ("apply of creations", 10_000): .target(1000)
        default: .none
        }
    }
}
