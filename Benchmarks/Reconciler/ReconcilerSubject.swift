import JSON

/// From files to a live configuration, at several sizes.
struct ReconcilerSubject: Subject {
    static let name = "reconcile"

    init(phases: [String]?) {}

    func run(_ report: inout Report) throws {
        for size in ReconcilerBenchmarks.sizes {
            let result = try ReconcilerBenchmarks.run(size: size)
            for item in result["items"]?.array ?? [] {
                report.add(
                    Measurement(
                        name: "\(size) resources: \(item["name"]?.string ?? "")",
                        value: Double(item["microseconds"]?.int ?? 0) / 1000, unit: "ms",
                        limit: item["ratio"]?.int.map { .ratio(Double($0) / 1000, of: "the limit") }
                            ?? .isLimit))
            }
            for (name, member, scale, unit) in [
                ("CPU of a no-op poll", "noopPollProcessorMicroseconds", 1000.0, "ms"),
                ("peak memory of the cold plan", "coldPlanPeakKiB", 1024, "MiB"),
                ("peak memory", "peakKiB", 1024, "MiB"),
            ] {
                report.add(
                    Measurement(
                        name: "\(size) resources: \(name)",
                        value: Double(result[member]?.int ?? 0) / scale, unit: unit))
            }
        }
    }
}
