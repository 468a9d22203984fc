import HTTPTypes
import JSON
import Store
import Testing

@testable import Runtime

/// What `GET /api/v1/subscriptions` says about the receivers.
@Suite(.timeLimit(.minutes(5))) struct SubscriptionStatusTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    private func status(_ runtime: RuntimeHarness) async throws -> JSONValue {
        let list = try await runtime.send("GET", "/api/v1/subscriptions", token: token).json
        return try #require(list["items"]?.array?.first?["status"])
    }

    private func send(_ runtime: RuntimeHarness) async throws {
        let answer = try await runtime.send(
            "POST", "/api/v1/events", token: token, json: #"{"event":"ticket.created","data":{"id":"t"}}"#)
        #expect(answer.status == 202)
    }

    @Test func `a receiver that answers 410 is gone, and its breaker is open`() async throws {
        try await StubReceiver.run(answer: { _ in .gone }) { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                let before = try await status(runtime)
                #expect(before["state"] == "Ready")
                #expect(before["circuitBreaker"]?["state"] == "closed")
                try await send(runtime)
                while try await status(runtime)["state"] != "ReceiverGone" { await Task.yield() }
                let after = try await status(runtime)
                #expect(after["circuitBreaker"]?["state"] == "open")
                #expect(after["circuitBreaker"]?["until"]?.string != nil)
                #expect(after["inFlight"] == 0)
            }
        }
    }

    @Test func `a URL that is a secret begins anew with another value`() async throws {
        try await StubReceiver.run(answer: { _ in .gone }) { old in
            try await StubReceiver.run { new in
                let yaml = subscription(to: "URL").replacing(
                    "targetURL: URL", with: "targetURLFrom: {secretRef: url}"
                )
                .replacing("  signing:", with: "  circuitBreaker: {cooldown: 1h}\n  signing:")
                var secrets = secrets
                secrets["url"] = old.url
                try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                    try await send(runtime)
                    while try await status(runtime)["state"] != "ReceiverGone" { await Task.yield() }
                    try await runtime.setSecret("url", new.url)
                    let status = try await status(runtime)
                    #expect(status["state"] == "Ready")
                    #expect(status["circuitBreaker"]?["state"] == "closed")
                    try await send(runtime)
                    _ = try await new.requests.next()
                }
            }
        }
    }

    @Test func `one whose breaker is open is not ready`() async throws {
        try await StubReceiver.run(answer: { _ in .internalServerError }) { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                for _ in 0..<20 { try await send(runtime) }
                while try await status(runtime)["state"] != "BreakerOpen" { await Task.yield() }
                let status = try await status(runtime)
                #expect(status["circuitBreaker"]?["state"] == "open")
                #expect(status["pendingDeliveries"] == 20)
            }
        }
    }

    @Test func `a suspended one says so, and how much waits`() async throws {
        let suspended = subscription(to: "http://127.0.0.1:9/hook").replacing(
            "  signing:", with: "  suspend: true\n  circuitBreaker: false\n  signing:")
        try await RuntimeHarness.run(adminToken + suspended, secrets: secrets) { runtime in
            try await send(runtime)
            let status = try await status(runtime)
            #expect(status["state"] == "Suspended")
            #expect(status["pendingDeliveries"] == 1)
            #expect(status["circuitBreaker"]?["state"] == "off")
        }
    }
}
