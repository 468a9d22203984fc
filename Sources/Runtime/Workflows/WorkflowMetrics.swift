import Resources
import Store

/// What runs come to, counted as it happens.
final class WorkflowMetrics: Sendable {
    private let runs: CounterFamily

    init(_ registry: MetricRegistry) {
        runs = registry.counter(
            "workflow_runs", "Runs of workflows that came to an end, by what they came to.",
            labels: ["workflow", "outcome"])
    }

    func finished(_ workflow: String, _ status: RunStatus) {
        runs.increment(workflow, status.rawValue)
    }

    /// Ends the series of workflows that are gone.
    func keep(_ isLive: (String) -> Bool) { runs.remove { !isLive($0[0]) } }
}

/// The gauges of runs, looked up when somebody asks.
struct RunMetrics: Sendable {
    let store: Store
    let runtime: WorkflowRuntime

    func families() async throws -> [MetricFamily] {
        let open = try await store.openRuns().sorted { $0.key < $1.key }
        let samples = open.flatMap { workflow, counts in
            counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { status, count in
                MetricFamily.Sample(
                    Double(count),
                    labels: [MetricLabel("workflow", workflow), MetricLabel("status", status.rawValue)])
            }
        }
        return [
            MetricFamily(
                MetricRegistry.prefix + "open_workflow_runs",
                "Runs that have not ended, by where they stand.",
                .gauge, samples),
            MetricFamily(
                MetricRegistry.prefix + "loaded_workflow_runs",
                "Runs in memory: with something to do, with a request out, or kept because they are long.",
                .gauge,
                [.init(Double(runtime.loaded), labels: [])]),
            MetricFamily(
                MetricRegistry.prefix + "failing_workflow_runs",
                "Runs that cannot be moved on, for example because their journal cannot be read; they are tried again.",
                .gauge, [.init(Double(runtime.failing), labels: [])]),
        ]
    }
}
