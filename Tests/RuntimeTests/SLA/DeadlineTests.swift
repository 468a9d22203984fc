import JSON
import Runtime
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    private func policy(_ within: String, _ condition: String = "event.data.priority == 'critical'") -> String
    {
        """
        ---
        kind: SLAPolicy
        metadata: {name: critical}
        spec: {if: "\(condition)", resolveWithin: \(within)}

        """
    }

    private func deadline(_ runtime: RuntimeHarness, _ key: String = "INC-1") async throws -> JSONValue? {
        try await runtime.send("GET", "/api/v1/tickets/\(key)", token: token).json["sla_due_at"]
    }

    @Test func `the due time follows the fields that the policy reads`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.clock = FixedClock(seconds: 1_771_000_000)
        try await RuntimeHarness.run(adminToken + policy("4h"), secrets: secrets, setup: setup) {
            (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            #expect(try await deadline(runtime) == .null)
            _ = try await runtime.patch("INC-1", #"{"priority":"critical"}"#)
            #expect(try await deadline(runtime)?.string == "2026-02-13T20:26:40Z")
            let events = try await runtime.all("/api/v1/events")
            #expect(events[0]["changed"] == ["priority", "sla_due_at"])
            _ = try await runtime.patch("INC-1", #"{"priority":"low"}"#)
            #expect(try await deadline(runtime) == .null)
        }
    }

    @Test func `a breach is an event once, also of what fell due while nothing ran`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.clock = FixedClock(seconds: 1_771_000_000)
        let configuration = adminToken + policy("4h")
        setup.folder = try await RuntimeHarness.run(configuration, secrets: secrets, setup: setup) {
            (runtime) async throws in
            for status in ["open", "pending"] {
                _ = try await runtime.create(#"{"subject":"a","priority":"critical","status":"\#(status)"}"#)
            }
            _ = try await runtime.patch("INC-2", #"{"status":"resolved"}"#)
            return runtime.folder
        }
        setup.clock = FixedClock(seconds: 1_771_000_000 + 4 * 3600)
        for _ in 0..<2 {
            try await RuntimeHarness.run(nil, setup: setup) { (runtime) async throws in
                var breaches: [JSONValue] = []
                while breaches.isEmpty {
                    breaches = try await runtime.all("/api/v1/events").filter {
                        $0["event"] == "ticket.sla_breached"
                    }
                }
                #expect(breaches.map { $0["data"]?["key"] } == ["INC-1"])
            }
        }
    }

    @Test func `a changed policy computes the open tickets anew`() async throws {
        var setup = RuntimeHarness.Setup()
        setup.clock = FixedClock(seconds: 1_771_000_000)
        try await RuntimeHarness.run(adminToken + policy("4h"), secrets: secrets, setup: setup) {
            (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a","priority":"critical"}"#)
            try await runtime.apply(adminToken + policy("1h"), secrets: ["api-token", "signing"])
            var due = try await deadline(runtime)
            while due?.string != "2026-02-13T17:26:40Z" { due = try await deadline(runtime) }
            #expect(due?.string == "2026-02-13T17:26:40Z")
        }
    }
}
