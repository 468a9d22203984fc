import HTTPTypes
import JSON
import Store
import TestSupport
import Testing

@testable import Runtime

/// Each documented option of a subscription has an effect that a receiver, or the log, can see.
struct DeliveryOptionsTests {
    private let secrets = ["api-token": token, "signing": "s3cret", "old-signing": "0ld"]

    private func subscription(to url: String, _ spec: String, signing: String = "{secretRef: signing}")
        -> String
    {
        """
        ---
        kind: Subscription
        metadata: {name: erp}
        spec:
          targetURL: \(url)
          events: [ticket.created]
          signing: \(signing)
          \(spec.replacing("\n", with: "\n  "))

        """
    }

    private func send(_ runtime: RuntimeHarness, _ number: Int = 1, type: String = "ticket.created")
        async throws
    {
        let body = #"{"event":"\#(type)","data":{"id":"tkt_\#(number)"}}"#
        let answer = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
        #expect(answer.status == 202)
    }

    /// The delivery as the API shows it, once it has left `pending`.
    private func finished(_ runtime: RuntimeHarness) async throws -> JSONValue {
        while true {
            let page = try await runtime.send("GET", "/api/v1/deliveries", token: token).json
            let item = try #require(page["items"]?.array?.first)
            if item["status"]?.string != "pending" { return item }
            await Task.yield()
        }
    }

    @Test func `signs with the previous secret too while rotating`() async throws {
        try await StubReceiver.run { receiver in
            let yaml = subscription(
                to: receiver.url, "suspend: false",
                signing: "{secretRef: signing, previousSecretRef: old-signing}")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime)
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
                #expect(received.header("X-Zentra-Signature-Previous") == hmac(received.body, key: "0ld"))
            }
        }
    }

    @Test func `signs as Standard Webhooks says`() async throws {
        let keys = ["api-token": token, "signing": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        try await StubReceiver.run { receiver in
            let yaml = subscription(
                to: receiver.url, "suspend: false", signing: "{secretRef: signing, scheme: standard-webhooks}"
            )
            try await RuntimeHarness.run(adminToken + yaml, secrets: keys) { runtime in
                try await send(runtime)
                let received = try await receiver.requests.next()
                let id = try #require(received.header("webhook-id"))
                let timestamp = try #require(received.header("webhook-timestamp"))
                let expected = try StandardWebhooks.signature(
                    id: id, timestamp: timestamp, body: received.body,
                    secret: SecretValue(Array("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8)))
                #expect(received.header("webhook-signature") == expected)
                #expect(received.header("X-Zentra-Event") == "ticket.created")
                #expect(received.header("X-Zentra-Signature") == nil)
                #expect(try received.json["delivery_id"]?.string == id)
            }
        }
    }

    @Test(arguments: ["signing", "old-signing"])
    func `names the secret that has the wrong form`(_ wrong: String) async throws {
        var secrets = secrets
        for name in ["signing", "old-signing"] { secrets[name] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }
        secrets[wrong] = "whsec_not base64"
        let yaml = subscription(
            to: "http://127.0.0.1:9/hook", "retry: {maxAttempts: 1}",
            signing: "{secretRef: signing, previousSecretRef: old-signing, scheme: standard-webhooks}")
        try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
            try await send(runtime)
            let delivery = try await finished(runtime)
            #expect(delivery["lastErrorClass"]?.string == "secret")
            #expect(
                delivery["lastError"]?.string == "the secret `\(wrong)` is not `whsec_` followed by base64")
        }
    }

    @Test func `uses a rotated secret for the next attempt`() async throws {
        try await StubReceiver.run { receiver in
            let yaml = subscription(to: receiver.url, "suspend: false")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime, 1)
                let first = try await receiver.requests.next()
                try await runtime.setSecret("signing", "rotated\n")
                try await send(runtime, 2)
                let second = try await receiver.requests.next()
                #expect(first.header("X-Zentra-Signature") == hmac(first.body, key: "s3cret"))
                #expect(second.header("X-Zentra-Signature") == hmac(second.body, key: "rotated"))
            }
        }
    }

    @Test func `repeats with the same id and bytes until it is taken`() async throws {
        try await StubReceiver.run(answer: { $0 < 3 ? .serviceUnavailable : .ok }) { receiver in
            let yaml = subscription(to: receiver.url, "retry: {initialBackoff: 100ms, jitter: 0}")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime)
                let all = [
                    try await receiver.requests.next(), try await receiver.requests.next(),
                    try await receiver.requests.next(),
                ]
                #expect(Set(all.map(\.body)).count == 1)
                #expect(Set(all.map { $0.header("X-Zentra-Delivery-Id") }).count == 1)
                #expect(all.map { $0.header("X-Zentra-Attempt") } == ["1", "2", "3"])
                let delivery = try await finished(runtime)
                #expect(delivery["status"] == "delivered")
                #expect(delivery["attempts"]?.int == 3)
            }
        }
    }

    @Test(arguments: [
        ("retry: {maxAttempts: 2, initialBackoff: 100ms}", 500, "exhausted", 2),
        ("suspend: false", 404, "failed", 1),
        ("suspend: false", 410, "failed", 1),
        ("retry: {maxAttempts: 2, initialBackoff: 100ms}", 301, "exhausted", 2),
        ("retry: {maxAttempts: 3, initialBackoff: 100ms, retryStatus: [429]}", 429, "exhausted", 3),
    ])
    func `ends as the table of answers says`(_ spec: String, _ code: Int, _ status: String, _ attempts: Int)
        async throws
    {
        try await StubReceiver.run(answer: { _ in HTTPResponse.Status(code: code) }) { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url, spec), secrets: secrets)
            { runtime in
                try await send(runtime)
                let delivery = try await finished(runtime)
                #expect(delivery["status"]?.string == status)
                #expect(delivery["attempts"]?.int == attempts)
                #expect(delivery["lastStatusCode"]?.int == code)
            }
        }
    }

    @Test func `holds back what the rate limit does not allow`() async throws {
        try await StubReceiver.run { receiver in
            let yaml = subscription(to: receiver.url, "rateLimit: 1/h")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime, 1)
                try await send(runtime, 2)
                _ = try await receiver.requests.next()
                let pending = try await runtime.send("GET", "/api/v1/deliveries?status=pending", token: token)
                    .json
                #expect(pending["items"]?.array?.first?["attempts"]?.int == 0)
            }
        }
    }

    @Test func `stops asking a receiver that fails`() async throws {
        try await StubReceiver.run(answer: { _ in .internalServerError }) { receiver in
            let breaker = "circuitBreaker: {failureRate: 0.5, minimum: 1, window: 1m, cooldown: 1h}"
            try await RuntimeHarness.run(
                adminToken + subscription(to: receiver.url, breaker), secrets: secrets
            ) { runtime in
                try await send(runtime, 1)
                _ = try await receiver.requests.next()
                while try await runtime.store.deliveries(.init(), before: nil, limit: 1).items.first?.attempts
                    != 1
                {
                    await Task.yield()
                }
                try await send(runtime, 2)
                let page = try await runtime.send("GET", "/api/v1/deliveries", token: token).json
                #expect(page["items"]?.array?.first?["attempts"]?.int == 0)
            }
        }
    }

    @Test func `keeps what a suspended subscription gets, and sends it in order when it is resumed`()
        async throws
    {
        try await StubReceiver.run { receiver in
            let suspended = adminToken + subscription(to: receiver.url, "suspend: true\nmaxInFlight: 1")
            try await RuntimeHarness.run(suspended, secrets: secrets) { runtime in
                for number in 1...3 { try await send(runtime, number) }
                #expect(try await runtime.store.pendingDeliveries() == ["erp": 3])
                try await runtime.apply(
                    adminToken + subscription(to: receiver.url, "maxInFlight: 1"),
                    secrets: secrets.keys.sorted())
                for number in 1...3 {
                    #expect(try await receiver.requests.next().json["data"]?["id"]?.string == "tkt_\(number)")
                }
            }
        }
    }

    @Test func `waits for a secret that does not resolve, without counting attempts`() async throws {
        try await StubReceiver.run { receiver in
            let missing = ["api-token": token, "signing": ""]
            try await RuntimeHarness.run(
                adminToken + subscription(to: receiver.url, "suspend: false"), secrets: missing
            ) { runtime in
                try await send(runtime)
                #expect(try await runtime.store.pendingDeliveries() == ["erp": 1])
                try await runtime.setSecret("signing", "now")
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Attempt") == "1")
                #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "now"))
            }
        }
    }

    @Test func `expires the oldest beyond the bound of pending deliveries`() async throws {
        let yaml = adminToken + subscription(to: "http://127.0.0.1:9/hook", "suspend: true\nmaxPending: 2")
        try await RuntimeHarness.run(yaml, secrets: secrets) { runtime in
            for number in 1...5 { try await send(runtime, number) }
            while try await runtime.store.pendingDeliveries() != ["erp": 2] {
                _ = try await runtime.store.expirePending("erp", maxPending: 2, now: .now())
            }
            let expired = try await runtime.send("GET", "/api/v1/deliveries?status=expired", token: token)
                .json
            #expect(expired["items"]?.array?.count == 3)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what has expired is not sent, though it stands in front`() async throws {
        try await StubReceiver.run { receiver in
            let limited = subscription(to: receiver.url, "maxPending: 1\nrateLimit: 1/m")
            try await RuntimeHarness.run(adminToken + limited, secrets: secrets) { runtime in
                for number in 1...4 { try await send(runtime, number) }
                #expect(try await receiver.requests.next().json["data"]?["id"]?.string == "tkt_1")
                while try await runtime.store.pendingDeliveries() != ["erp": 1] {
                    try await runtime.runtime.maintenance.runOnce()
                }
                try await runtime.apply(
                    adminToken + subscription(to: receiver.url, "maxPending: 1"),
                    secrets: secrets.keys.sorted())
                #expect(try await receiver.requests.next().json["data"]?["id"]?.string == "tkt_4")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `when the delivery that its key waits for expires, the next one is sent`() async throws {
        try await StubReceiver.run(answer: { $0 == 1 ? .serviceUnavailable : .ok }) { receiver in
            let ordered = """
                order: perKey
                orderKey: event.type
                maxPending: 1
                retry: {initialBackoff: 1h}
                """
            try await RuntimeHarness.run(
                adminToken + subscription(to: receiver.url, ordered), secrets: secrets
            ) { runtime in
                try await send(runtime, 1)
                #expect(try await receiver.requests.next().json["data"]?["id"]?.string == "tkt_1")
                // The failure is in the state, so that nothing is under way any more.
                while try await runtime.send("GET", "/api/v1/deliveries", token: token).json["items"]?.array?
                    .first?["attempts"]?.int == 0
                { await Task.yield() }
                try await send(runtime, 2)
                try await runtime.runtime.maintenance.runOnce()
                #expect(try await receiver.requests.next().json["data"]?["id"]?.string == "tkt_2")
            }
        }
    }

    @Test func `the timeout covers the whole exchange up to the head`() async throws {
        let isOver = Watched(false)
        try await StubReceiver.run(
            answer: { _ in
                _ = try? await isOver.wait { $0 }
                return .ok
            }
        ) { receiver in
            let yaml = subscription(to: receiver.url, "timeout: 1s\nretry: {maxAttempts: 1}")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime)
                let delivery = try await finished(runtime)
                #expect(delivery["status"]?.string == "exhausted")
                #expect(delivery["lastErrorClass"]?.string == "timeout")
            }
            isOver.change { $0 = true }
        }
    }

    @Test(arguments: [("1KiB", 1024, true), ("16KiB", 3000, false)])
    func `the log keeps so much of an answer`(_ limit: String, _ count: Int, _ isTruncated: Bool) async throws
    {
        try await StubReceiver.run(text: String(repeating: "x", count: 3000)) { receiver in
            let yaml = subscription(to: receiver.url, "deliveryLog: {bodyLimit: \(limit)}")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                try await send(runtime)
                let id = try #require(try await finished(runtime)["id"]?.string)
                let shown = try await runtime.send("GET", "/api/v1/deliveries/\(id)", token: token).json
                let attempt = try #require(shown["attemptLog"]?.array?.first)
                #expect(attempt["body"]?.string?.utf8.count == count)
                #expect(attempt["truncated"] == .bool(isTruncated))
            }
        }
    }

    @Test func `the log keeps the attempts of so many deliveries`() async throws {
        try await StubReceiver.run { receiver in
            let yaml = subscription(to: receiver.url, "deliveryLog: {keep: 2}")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                for number in 1...3 {
                    try await send(runtime, number)
                    _ = try await receiver.requests.next()
                    _ = try await finished(runtime)
                }
                try await runtime.runtime.maintenance.runOnce()
                let page = try await runtime.send("GET", "/api/v1/deliveries", token: token).json
                var kept: [Int?] = []
                for id in (page["items"]?.array ?? []).compactMap({ $0["id"]?.string }) {
                    let shown = try await runtime.send("GET", "/api/v1/deliveries/\(id)", token: token).json
                    kept.append(shown["attemptLog"]?.array?.count)
                }
                #expect(kept == [1, 1, 0])
            }
        }
    }

    @Test func `a URL that is a secret is used, and a new one counts for what is pending`() async throws {
        try await StubReceiver.run { first in
            try await StubReceiver.run { second in
                let yaml = subscription(to: "URL", "retry: {initialBackoff: 100ms}")
                    .replacing("targetURL: URL", with: "targetURLFrom: {secretRef: url}")
                var secrets = secrets
                secrets["url"] = first.url
                try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                    try await send(runtime)
                    _ = try await first.requests.next()
                    try await runtime.setSecret("url", second.url)
                    try await send(runtime, 2)
                    #expect(try await second.requests.next().json["data"]?["id"]?.string == "tkt_2")
                    let shown = try await runtime.send("GET", "/api/v1/subscriptions", token: token).text
                    #expect(!shown.contains("/hook"))
                }
            }
        }
    }

    @Test func `so many requests are under way at a time, and no more`() async throws {
        let (arrived, isOpen) = (Watched(0), Watched(false))
        try await StubReceiver.run(
            answer: { _ in
                arrived.change { $0 += 1 }
                _ = try? await isOpen.wait { $0 }
                return .ok
            }
        ) { receiver in
            let yaml = subscription(to: receiver.url, "maxInFlight: 2")
            try await RuntimeHarness.run(adminToken + yaml, secrets: secrets) { runtime in
                for number in 1...4 { try await send(runtime, number) }
                _ = try await arrived.wait { $0 >= 2 }
                let listed = try await runtime.send("GET", "/api/v1/subscriptions", token: token).json
                let status = try #require(listed["items"]?.array?.first?["status"])
                #expect(status["inFlight"]?.int == 2)
                #expect(status["pendingDeliveries"]?.int == 4)
                #expect(arrived.value == 2)
                isOpen.change { $0 = true }
                _ = try await arrived.wait { $0 == 4 }
            }
        }
    }

    @Test func `what nobody has taken for as long as finished deliveries are kept expires, and can be seen`()
        async throws
    {
        let yaml = adminToken + subscription(to: "http://127.0.0.1:9/hook", "suspend: true")
        let clock = SettableClock("2026-05-05T11:45:07Z")
        var setup = RuntimeHarness.Setup()
        setup.retention = .seconds(90)
        setup.clock = clock
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { runtime in
            let maintenance = runtime.runtime.maintenance
            try await maintenance.runOnce()
            try await send(runtime)
            clock.pass(.seconds(50))
            try await maintenance.runOnce()
            #expect(try await runtime.store.pendingDeliveries() == ["erp": 1])
            clock.pass(.seconds(50))
            // Ages are looked at once a minute.
            for _ in 0..<2 {
                try await maintenance.runOnce()
                clock.pass(.seconds(10))
            }
            #expect(try await finished(runtime)["status"]?.string == "expired")
            // Also when newer ones come.
            try await send(runtime, 2)
            clock.pass(.seconds(10))
            try await maintenance.runOnce()
            let expired = try await runtime.send("GET", "/api/v1/deliveries?status=expired", token: token)
                .json
            #expect(expired["items"]?.array?.count == 1)
        }
    }

    @Test func `a clock that jumps makes nothing old that waits, or that has ended`() async throws {
        let paused = subscription(to: "http://127.0.0.1:9/hook", "suspend: true")
        let clock = SettableClock("2026-05-05T11:45:07Z")
        let log = RecordingLog()
        var setup = RuntimeHarness.Setup()
        setup.logger = log.logger
        setup.clock = clock
        try await RuntimeHarness.run(adminToken + paused, secrets: secrets, setup: setup) { runtime in
            let maintenance = runtime.runtime.maintenance
            try await maintenance.runOnce()
            // One that nobody wants, and is over at once.
            let other = #"{"event":"asset.created","data":{}}"#
            #expect(
                try await runtime.send("POST", "/api/v1/events", token: token, json: other).status == 202)
            try await send(runtime)
            for days in [30, 1, -31, 400] {
                // One that began before.
                async let earlier: Void = maintenance.runOnce()
                await Task.yield()
                clock.set(by: .seconds(days * 86_400))
                try await maintenance.runOnce()
                try await earlier
                #expect(try await runtime.store.pendingDeliveries() == ["erp": 1])
                let events = try await runtime.send("GET", "/api/v1/events", token: token).json
                #expect(events["items"]?.array?.count == 2)
            }
            #expect(log.lines.contains { $0.message.contains("the clock was set forward") })
            #expect(log.lines.contains { $0.message == "the clock was set back" })
        }
    }
}
