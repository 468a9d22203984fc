import JSON
import Store
import Testing

@testable import Reconciler

/// What `status` says of subscriptions that do not deliver.
struct ReceiverStatusTests {
    private static let files = [
        "key.yaml": Sample.secret("key"), "good.yaml": Sample.subscription("good"),
        "gone.yaml": Sample.subscription("gone"), "half.yaml": Sample.subscription("half"),
        "open.yaml": Sample.subscription("open"),
        "idle.yaml": Sample.subscription("idle", more: "suspend: true"),
        "left.yaml": Sample.subscription("left", more: "suspend: true"),
    ]

    /// As a sidecar answers `GET /api/v1/subscriptions`.
    private static let answer: JSONValue = [
        "items": [
            ["name": "good", "status": ["state": "Ready", "circuitBreaker": ["state": "closed"]]],
            ["name": "gone", "status": ["state": "ReceiverGone", "circuitBreaker": open]],
            ["name": "half", "status": ["state": "Ready", "circuitBreaker": ["state": "half-open"]]],
            ["name": "open", "status": ["state": "BreakerOpen", "circuitBreaker": open]],
            ["name": "idle", "status": ["state": "Suspended", "circuitBreaker": ["state": "off"]]],
            ["name": "left", "status": ["state": "ReceiverGone", "circuitBreaker": open]],
            ["name": "new", "status": ["state": "Unusable"]],
        ]
    ]
    private static let open: JSONValue = ["state": "open", "until": "2026-05-05T11:46:07Z"]

    private func status(_ state: TestState) async throws -> SyncStatus {
        _ = await Synchronizer.test(state, TestSource(Self.files), ManualClock()).runOnce()
        try await state.store.replaceSecretStatuses([
            SecretStatus(name: "key", fingerprint: "f", problem: "", changedAt: .t0)
        ])
        return try await SyncStatus.read(from: state.store, now: .t0)
    }

    private func line(_ name: String, _ status: SyncStatus) -> String? {
        StatusText(status).text.split(separator: "\n").first { $0.contains("Subscription/\(name) ") }
            .map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
    }

    @Test func `a state alone says what is suspended`() async throws {
        try await TestState.with { state async throws in
            let status = try await status(state)
            #expect(line("good", status) == "Ready")
            #expect(line("idle", status) == "Suspended `suspend` is set, deliveries wait")
            #expect(StatusText(status).text.contains("Resources  5 ready, 2 suspended\n"))
            #expect(status.resources.allSatisfy { $0.receiver == nil })
        }
    }

    @Test func `whoever delivers says how the receivers are`() async throws {
        try await TestState.with { state async throws in
            let receivers = try #require(ReceiverStatus.all(answer: Self.answer))
            #expect(receivers.keys.sorted() == ["gone", "good", "half", "idle", "left", "open"])
            let status = try await status(state).noting(receivers)
            let breaker = "circuit breaker open until 2026-05-05T11:46:07Z"
            #expect(line("good", status) == "Ready")
            #expect(line("gone", status) == "ReceiverGone the receiver answered 410; \(breaker)")
            #expect(line("left", status) == "ReceiverGone the receiver answered 410; \(breaker)")
            #expect(line("open", status) == "BreakerOpen \(breaker)")
            #expect(line("half", status) == "Ready circuit breaker half-open, one request tries")
            #expect(line("idle", status) == "Suspended `suspend` is set, deliveries wait")
            let counts = "Resources  3 ready, 1 suspended, 2 receiver gone, 1 breaker open\n"
            #expect(StatusText(status).text.contains(counts))
            let gone = status.json["resources"]?.array?.first { $0["name"] == "gone" }
            #expect(gone?["condition"] == "ReceiverGone")
            #expect(gone?["circuitBreaker"] == Self.open)
            #expect(SyncStatus(answer: status.json, now: .t0)?.resources == status.resources)
        }
    }

    @Test func `a secret that does not resolve comes first`() async throws {
        try await TestState.with { state async throws in
            _ = try await status(state)
            try await state.store.replaceSecretStatuses([
                SecretStatus(name: "key", fingerprint: nil, problem: "KEY is not set", changedAt: .t0)
            ])
            let receivers = try #require(ReceiverStatus.all(answer: Self.answer))
            let status = try await SyncStatus.read(from: state.store, now: .t0).noting(receivers)
            #expect(line("idle", status) == "Waiting secret:key does not resolve")
            #expect(line("gone", status)?.hasPrefix("Waiting secret:key does not resolve; circuit") == true)
        }
    }

    @Test func `a previous secret that does not resolve is told, and holds up nothing`() async throws {
        try await TestState.with { state async throws in
            let rotating = Sample.subscription("good")
                .replacing("secretRef: key", with: "secretRef: key, previousSecretRef: old")
            let stale = Sample.subscription("gone").replacing("secretRef: key", with: "secretRef: old")
            let source = TestSource([
                "key.yaml": Sample.secret("key"), "old.yaml": Sample.secret("old"), "good.yaml": rotating,
                "gone.yaml": stale,
            ])
            _ = await Synchronizer.test(state, source, ManualClock()).runOnce()
            try await state.store.replaceSecretStatuses([
                SecretStatus(name: "key", fingerprint: "f", problem: "", changedAt: .t0),
                SecretStatus(name: "old", fingerprint: nil, problem: "OLD is not set", changedAt: .t0),
            ])
            let status = try await SyncStatus.read(from: state.store, now: .t0)
            #expect(line("good", status) == "Ready the previous secret:old does not resolve")
            #expect(line("gone", status) == "Waiting secret:old does not resolve")
        }
    }

    @Test func `what is no list of subscriptions says nothing`() {
        #expect(ReceiverStatus.all(answer: ["status": 404]) == nil)
    }
}
