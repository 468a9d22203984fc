import HTTPTypes
import Store
import Testing

@testable import Runtime

/// What Prometheus sees of a runtime that works.
@Suite(.timeLimit(.minutes(5))) struct MetricsTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    private func metrics(_ runtime: RuntimeHarness) async throws -> PrometheusText {
        let answer = try await runtime.sendAdmin("GET", "/metrics")
        #expect(answer.status == 200)
        #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        return try PrometheusText(answer.text)
    }

    /// Asks until a series has a value.
    private func metrics(_ runtime: RuntimeHarness, once series: String, is value: Double) async throws
        -> PrometheusText
    {
        while true {
            let metrics = try await metrics(runtime)
            if metrics[series] == value { return metrics }
            await Task.yield()
        }
    }

    private func send(_ runtime: RuntimeHarness, _ type: String = "ticket.created", id: String? = nil)
        async throws
    {
        let member = id.map { #""id":"\#($0)","# } ?? ""
        let answer = try await runtime.send(
            "POST", "/api/v1/events", token: token, json: #"{\#(member)"event":"\#(type)","data":{"id":"t"}}"#
        )
        #expect(answer.status == 202)
    }

    @Test func `counts what is accepted and delivered`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(
                adminToken + subscription(to: receiver.url), secrets: secrets
            ) { runtime in
                try await send(runtime, id: "evt_1")
                try await send(runtime, id: "evt_1")
                try await send(runtime, "custom.anything")
                let name = "zentra_sync_deliveries_total{subscription=\"all\",outcome=\"delivered\"}"
                let metrics = try await metrics(runtime, once: name, is: 2)
                #expect(metrics["zentra_sync_events_total{type=\"ticket.created\"}"] == 1)
                #expect(metrics["zentra_sync_events_total{type=\"custom\"}"] == 1)
                #expect(metrics["zentra_sync_duplicate_events_total"] == 1)
                #expect(metrics["zentra_sync_fanned_out_deliveries_total"] == 2)
                #expect(
                    metrics[
                        "zentra_sync_delivery_attempts_total{subscription=\"all\",outcome=\"delivered\"}"]
                        == 2)
                #expect(metrics["zentra_sync_delivery_duration_seconds_count"] == 2)
                #expect(metrics["zentra_sync_delivery_latency_seconds_count"] == 2)
                #expect(metrics["zentra_sync_pending_deliveries{subscription=\"all\"}"] == 0)
                #expect(metrics["zentra_sync_oldest_pending_seconds{subscription=\"all\"}"] == 0)
                #expect(metrics["zentra_sync_circuit_breaker_state{subscription=\"all\"}"] == 0)
                #expect(metrics["zentra_sync_secret_resolved{name=\"signing\"}"] == 1)
                #expect(metrics["zentra_sync_configuration_serial"] == 1)
                #expect(metrics["zentra_sync_build_info{version=\"test\"}"] == 1)
                #expect(metrics["process_resident_memory_bytes"].map { $0 > 1_000_000 } == true)
                #expect(metrics["process_open_fds"].map { $0 > 3 } == true)
                #expect(metrics["zentra_sync_committed_writes_total"].map { $0 >= 4 } == true)
            }
        }
    }

    @Test func `shows what waits and how the receiver is`() async throws {
        try await StubReceiver.run(answer: { _ in .gone }) { receiver in
            let suspended = subscription("waiting", to: receiver.url).replacing(
                "  signing:", with: "  suspend: true\n  signing:")
            try await RuntimeHarness.run(
                adminToken + subscription("gone", to: receiver.url) + suspended, secrets: secrets
            ) { runtime in
                try await send(runtime)
                let failed = "zentra_sync_deliveries_total{subscription=\"gone\",outcome=\"failed\"}"
                let metrics = try await metrics(runtime, once: failed, is: 1)
                #expect(metrics["zentra_sync_receiver_gone{subscription=\"gone\"}"] == 1)
                #expect(metrics["zentra_sync_circuit_breaker_state{subscription=\"gone\"}"] == 2)
                #expect(metrics["zentra_sync_delivery_attempt_failures_total{class=\"status\"}"] == 1)
                #expect(metrics["zentra_sync_pending_deliveries{subscription=\"waiting\"}"] == 1)
                #expect(metrics["zentra_sync_subscription_paused{subscription=\"waiting\"}"] == 1)
                #expect(metrics["zentra_sync_oldest_pending_seconds{subscription=\"waiting\"}"] != nil)
            }
        }
    }

    @Test func `counts deliveries that could not be made, with their class`() async throws {
        let yaml = subscription(to: "http://127.0.0.1:9/") + "  filter: event.data.assignee == 'bot'\n"
        try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
            try await send(runtime)
            let metrics = try await metrics(
                runtime, once: "zentra_sync_delivery_attempt_failures_total{class=\"filter\"}", is: 1)
            #expect(
                metrics["zentra_sync_deliveries_total{subscription=\"all\",outcome=\"failed\"}"] == 1)
            #expect(
                metrics["zentra_sync_delivery_attempts_total{subscription=\"all\",outcome=\"failed\"}"]
                    ?? 0 == 0)
        }
    }

    @Test func `ends the series of a subscription that is gone`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(
                adminToken + subscription(to: receiver.url), secrets: secrets
            ) { runtime in
                try await send(runtime)
                let name = "zentra_sync_deliveries_total{subscription=\"all\",outcome=\"delivered\"}"
                _ = try await metrics(runtime, once: name, is: 1)
                try await runtime.apply(adminToken, secrets: secrets.keys.sorted())
                let metrics = try await metrics(runtime)
                #expect(metrics[name] == nil)
                #expect(metrics["zentra_sync_pending_deliveries{subscription=\"all\"}"] == nil)
            }
        }
    }

    @Test func `shows how the sync loop stands`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let now = UnixTime(milliseconds: 1_700_000_000_500)
            try await runtime.store.recordUpToDate(
                source: "s", commit: "abc", subject: "S", noopKey: nil, now: now)
            try await runtime.store.recordNotApplied(
                .held, commit: "def", reason: "mass-delete", message: "m", now: now)
            let metrics = try await metrics(runtime)
            #expect(metrics["zentra_sync_sync_commit_info{commit=\"abc\"}"] == 1)
            #expect(metrics["zentra_sync_sync_last_success_timestamp_seconds"] == 1_700_000_000.5)
            #expect(metrics["zentra_sync_sync_held"] == 1)
        }
    }

    @Test func `is not on the public listener`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            let answers = [
                try await runtime.send("GET", "/metrics"), try await runtime.send("GET", "/syncz"),
            ]
            #expect(answers.map(\.status) == [404, 404])
        }
    }
}
