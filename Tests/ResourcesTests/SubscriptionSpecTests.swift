import Resources
import Testing

struct SubscriptionSpecTests {
    private func spec(_ text: String) throws -> SubscriptionSpec {
        let resource = try #require(try load(text).desiredState()[ResourceID(.subscription, "erp")])
        guard case .subscription(let spec) = resource.spec else { throw Mismatch() }
        return spec
    }

    private struct Mismatch: Error {}

    @Test func `absent fields have the documented defaults`() throws {
        let spec = try spec(subscription())
        #expect(spec.target == .url("https://erp.example.com/hooks"))
        #expect(
            spec.retry
                == RetryPolicy(
                    maxAttempts: 15, initialBackoff: .seconds(5), multiplier: 3,
                    maxBackoff: .seconds(4 * 3_600), jitter: 0.2))
        #expect(spec.retryStatus.isEmpty)
        #expect(spec.timeout == .seconds(15))
        #expect(spec.maxInFlight == 16)
        #expect(spec.maxPending == 1_000_000)
        #expect(spec.rateLimit == nil)
        #expect(spec.order == .none)
        #expect(spec.circuitBreaker?.failureRate == 0.5)
        #expect(spec.circuitBreaker?.minimum == 20)
        #expect(spec.circuitBreaker?.window == .seconds(60))
        #expect(spec.circuitBreaker?.cooldown == .seconds(30))
        #expect(spec.deliveryLog.keep == 1_000)
        #expect(spec.deliveryLog.bodyLimit == .kibibytes(16))
        #expect(spec.signing.scheme == .zentra)
        #expect(
            spec.headers.isEmpty && spec.filter == nil && spec.body == nil && spec.tls == nil && !spec.suspend
        )
    }

    @Test func `written fields are read`() throws {
        let text = subscription(
            "retry: {maxAttempts: 3, jitter: 0, retryStatus: [429, 408]}\n  headers: {X-B: \"1\", X-A: \"2\"}\n  suspend: true",
            target: "targetURLFrom: {secretRef: erp-signing}")
        let spec = try spec(text)
        #expect(spec.target == .secretRef("erp-signing"))
        #expect(spec.retry.maxAttempts == 3 && spec.retry.jitter == 0 && spec.retry.multiplier == 3)
        #expect(spec.retryStatus == [408, 429])
        #expect(spec.headers.map(\.name) == ["X-B", "X-A"])
        #expect(spec.suspend)
    }

    @Test(
        arguments: [
            ("*", ["ticket.created", "custom.x", "asset.lifecycle_changed"], []),
            (
                "ticket.*", ["ticket.created", "ticket.sla_breached"],
                ["change.created", "ticket", "ticketx.created"]
            ),
            ("custom.*", ["custom.x", "custom.a.b"], ["ticket.created"]),
            ("ticket.created", ["ticket.created"], ["ticket.create", "ticket.created2"]),
        ] as [(String, [String], [String])])
    func `a pattern matches what it names`(_ pattern: String, _ matching: [String], _ others: [String]) {
        let pattern = EventPattern(pattern)
        #expect(!pattern.matchesNothing)
        for type in matching { #expect(pattern.matches(type)) }
        for type in others { #expect(!pattern.matches(type)) }
    }

    @Test(arguments: [
        "", "ticket", "ticket.", "tick*", "ticket.**", "foo.*", "**", "*.created", "custom", "custom.",
        "custom.a b", "Ticket.created", ".*",
    ])
    func `a pattern that matches nothing is known`(_ pattern: String) {
        #expect(EventPattern(pattern).matchesNothing)
    }

    @Test(arguments: [
        ("ticket.closed", "ticket.resolved"), ("ticket.creatd", "ticket.created"),
        ("incident.created", "ticket.created"),
        ("tickets.*", "ticket.*"), ("asset.lifecycle_change", "asset.lifecycle_changed"),
    ])
    func `a misspelt event gets a suggestion`(_ name: String, _ suggestion: String) {
        #expect(EventCatalog.suggestion(for: name) == suggestion)
    }

    @Test func `the catalogue has the thirteen events`() { #expect(EventCatalog.types.count == 13) }
}
