import HTTPTypes

/// `GET /metrics`, for Prometheus.
struct MetricsRoute {
    let registry: MetricRegistry

    var route: APIRoute {
        APIRoute(.get, "/metrics", .open, "The metrics in the Prometheus text format.") { _ in
            APIResponse(.ok, body: Array(try await registry.text().utf8), contentType: MetricText.contentType)
        }
    }
}
