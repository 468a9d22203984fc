import Testing

@testable import Runtime

struct MetricTextTests {
    private func text(_ registry: MetricRegistry) async throws -> String { try await registry.text() }

    @Test func `writes help, type and series`() async throws {
        let registry = MetricRegistry()
        let counter = registry.counter("things", "Things that happened.", labels: ["kind", "outcome"])
        counter.increment("b", "good")
        counter.increment("a", "bad", by: 41)
        counter.increment("a", "bad")
        #expect(
            try await text(registry) == """
                # HELP zentra_sync_things_total Things that happened.
                # TYPE zentra_sync_things_total counter
                zentra_sync_things_total{kind="a",outcome="bad"} 42
                zentra_sync_things_total{kind="b",outcome="good"} 1

                """)
    }

    @Test func `escapes help and labels`() async throws {
        let registry = MetricRegistry()
        registry.counter("things", "A \"line\"\nand a \\.", labels: ["kind"]).increment("a\"b\\c\nd")
        let text = try await text(registry)
        #expect(text.contains(#"# HELP zentra_sync_things_total A "line"\nand a \\."# + "\n"))
        #expect(text.contains(#"{kind="a\"b\\c\nd"} 1"#))
        _ = try PrometheusText(text)
    }

    @Test func `buckets hold what is below them`() async throws {
        let registry = MetricRegistry()
        let histogram = registry.histogram("wait_seconds", "Waiting.", bounds: [0.5, 1])
        for value in [0.5, 0.75, 3, 0.25] { histogram.observe(value) }
        let parsed = try PrometheusText(try await text(registry))
        #expect(parsed["zentra_sync_wait_seconds_bucket{le=\"0.5\"}"] == 2)
        #expect(parsed["zentra_sync_wait_seconds_bucket{le=\"1\"}"] == 3)
        #expect(parsed["zentra_sync_wait_seconds_bucket{le=\"+Inf\"}"] == 4)
        #expect(parsed["zentra_sync_wait_seconds_sum"] == 4.5)
        #expect(parsed["zentra_sync_wait_seconds_count"] == 4)
    }

    @Test func `labels beyond the bound share a series`() async throws {
        let registry = MetricRegistry()
        let counter = registry.counter("things", "Things.", labels: ["name"], maxSeries: 2)
        for name in ["a", "b", "c", "d"] { counter.increment(name) }
        counter.increment("a")
        let parsed = try PrometheusText(try await text(registry))
        #expect(
            parsed.families["zentra_sync_things_total"]?.samples == [
                "zentra_sync_things_total{name=\"a\"}": 2, "zentra_sync_things_total{name=\"b\"}": 1,
                "zentra_sync_things_total{name=\"other\"}": 2,
            ])
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1"), (-2, "-2"), (0.25, "0.25"), (1e300, "1e+300"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `writes numbers as Go reads them`(_ value: Double, _ text: String) {
        #expect(MetricText.number(value) == text)
    }

    @Test func `reads a process whose name holds brackets`() throws {
        let stat =
            "7 (a (b) c) S 1 7 7 0 -1 4194560 0 0 0 0 150 50 0 0 20 0 9 0 300 1000000 25 18446744073709551615 1 1"
        let status = try #require(
            ProcessStatus(stat: stat, bootTime: 1000, ticksPerSecond: 100, pageSize: 4096))
        #expect(status.cpuSeconds == 2)
        #expect(status.startTime == 1003)
        #expect(status.virtualBytes == 1_000_000)
        #expect(status.residentBytes == 102_400)
        #expect(status.threads == 9)
    }
}
