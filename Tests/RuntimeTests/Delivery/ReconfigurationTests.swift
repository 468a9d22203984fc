import JSON
import Store
import TestSupport
import Testing

@testable import Runtime

/// An apply counts for what is pending, as a whole: no request is made of an old configuration and a new one.
@Suite(.timeLimit(.minutes(5))) struct ReconfigurationTests {
    private typealias Receiver = TestSupport.StubReceiver

    private let secrets = ["api-token": token, "one": "secret of one", "two": "secret of two"]

    private func configuration(_ receiver: Receiver, _ name: String) -> String {
        adminToken + """
            ---
            kind: Subscription
            metadata: {name: erp}
            spec:
              targetURL: \(receiver.url)
              events: [ticket.created]
              signing: {secretRef: \(name)}
              headers: {X-Name: \(name), X-Secret: "${secrets['\(name)']}"}
              retry: {initialBackoff: 100ms, multiplier: 1, jitter: 0}
              circuitBreaker: false

            """
    }

    @Test func `a request goes out with one configuration and never with parts of two`() async throws {
        // Every third request fails, so that old deliveries are tried again after a change.
        let one = try Receiver { request, _ in .init(request.number.isMultiple(of: 3) ? 503 : 200) }
        let two = try Receiver { request, _ in .init(request.number.isMultiple(of: 3) ? 503 : 200) }
        let names = secrets.keys.sorted()
        let (accepted, isOver) = (Watched(0), Watched(false))
        try await RuntimeHarness.run(configuration(one, "one"), secrets: secrets) { runtime in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !isOver.value {
                        let body = #"{"event":"ticket.created","data":{"id":"1"}}"#
                        let answer = try await runtime.send(
                            "POST", "/api/v1/events", token: token, json: body)
                        #expect(answer.status == 202)
                        accepted.change { $0 += 1 }
                    }
                }
                for _ in 1...5 {
                    for (receiver, name) in [(two, "two"), (one, "one")] {
                        let before = receiver.requests.count
                        try await runtime.apply(configuration(receiver, name), secrets: names)
                        try await receiver.requests(before + 5)
                    }
                }
                isOver.change { $0 = true }
                try await group.waitForAll()
            }
            while try await !runtime.store.pendingDeliveries().isEmpty { await Task.yield() }
        }
        for (receiver, name) in [(one, "one"), (two, "two")] {
            let secret = try #require(secrets[name])
            for request in receiver.requests {
                #expect(request["X-Name"] == name)
                #expect(request["X-Secret"] == secret)
                #expect(request["X-Zentra-Signature"] == hmac(request.body, key: secret))
            }
        }
        #expect(Set((one.requests + two.requests).map(\.deliveryID)).count == accepted.value)
    }

    @Test func `a late answer of the receiver before says nothing about the new one`() async throws {
        let gate = Gate()
        let one = try Receiver { _, _ in
            gate.wait()
            return .init(410)
        }
        defer { gate.open() }
        let two = try Receiver { _, _ in .init(200) }
        let names = secrets.keys.sorted()
        let body = #"{"event":"ticket.created","data":{"id":"1"}}"#
        try await RuntimeHarness.run(configuration(one, "one"), secrets: secrets) { runtime in
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
            try await one.requests(1)
            let breaker = configuration(two, "two").replacing(
                "circuitBreaker: false", with: "circuitBreaker: {cooldown: 1h}")
            try await runtime.apply(breaker, secrets: names)
            gate.open()
            while try await !runtime.store.pendingDeliveries().isEmpty { await Task.yield() }
            let list = try await runtime.send("GET", "/api/v1/subscriptions", token: token).json
            #expect(list["items"]?.array?.first?["status"]?["state"] == "Ready")
            _ = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
            try await two.requests(1)
        }
    }

    @Test func `a subscription that is deleted sends nothing more, and its deliveries are cancelled`()
        async throws
    {
        let gate = Gate()
        let receiver = try Receiver { _, _ in
            gate.wait()
            return .init(503)
        }
        defer { gate.open() }
        try await RuntimeHarness.run(configuration(receiver, "one"), secrets: secrets) { runtime in
            for number in 1...2 {
                let body = #"{"event":"ticket.created","data":{"id":"\#(number)"}}"#
                _ = try await runtime.send("POST", "/api/v1/events", token: token, json: body)
            }
            try await receiver.requests(2)
            try await runtime.apply(adminToken, secrets: secrets.keys.sorted())
            gate.open()
            // What was under way is not repeated.
            while true {
                let list = try await runtime.send("GET", "/api/v1/deliveries", token: token).json
                let statuses = (list["items"]?.array ?? []).compactMap { $0["status"]?.string }
                if statuses == ["cancelled", "cancelled"] { break }
                await Task.yield()
            }
            try await runtime.runtime.maintenance.runOnce()
            #expect(try await runtime.store.pendingDeliveries().isEmpty)
        }
        #expect(receiver.requests.count == 2)
    }
}
