import HTTPTypes
import JSON
import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct ReplayTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    private func send(_ runtime: RuntimeHarness, _ count: Int = 1) async throws {
        for number in 1...count {
            let body = #"{"event":"ticket.created","data":{"id":"tkt_\#(number)"}}"#
            #expect(try await runtime.send("POST", "/api/v1/events", token: token, json: body).status == 202)
        }
    }

    private func wait(_ runtime: RuntimeHarness, for status: DeliveryStatus, _ count: Int) async throws {
        while try await runtime.store.deliveries(DeliveryFilter(status: status), before: nil, limit: 200)
            .items.count != count
        {
            await Task.yield()
        }
    }

    private func replay(_ runtime: RuntimeHarness, _ body: String) async throws -> TestAnswer {
        try await runtime.send("POST", "/api/v1/subscriptions/all/replay", token: token, json: body)
    }

    @Test func `a redelivery has the same id and bytes and a fresh budget`() async throws {
        try await StubReceiver.run(answer: { $0 == 1 ? .notFound : .ok }) { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                try await send(runtime)
                let first = try await receiver.requests.next()
                try await wait(runtime, for: .failed, 1)
                let id = try #require(first.header("X-Zentra-Delivery-Id"))
                let answer = try await runtime.send(
                    "POST", "/api/v1/deliveries/\(id)/redeliver", token: token)
                #expect(answer.status == 202)
                let second = try await receiver.requests.next()
                #expect(second.header("X-Zentra-Delivery-Id") == id)
                #expect(second.body == first.body)
                #expect(second.header("X-Zentra-Attempt") == "2")
                try await wait(runtime, for: .delivered, 1)
            }
        }
    }

    @Test func `a request with a key is answered the same again and does nothing`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                try await send(runtime, 2)
                let id = try #require(try await receiver.requests.next().header("X-Zentra-Delivery-Id"))
                try await wait(runtime, for: .delivered, 2)
                let requests = [
                    ("/api/v1/deliveries/\(id)/redeliver?newId=true", ""),
                    (
                        "/api/v1/subscriptions/all/replay",
                        #"{"since":"2020-01-01T00:00:00Z","newId":true,"status":"delivered"}"#
                    ),
                    ("/api/v1/subscriptions/all/test", #"{"event":"ticket.created"}"#),
                ]
                for (number, (path, body)) in requests.enumerated() {
                    func post(_ path: String, _ body: String) async throws -> TestAnswer {
                        try await runtime.send(
                            "POST", path, token: token, headers: ["Idempotency-Key": "key-\(number)"],
                            json: body)
                    }
                    let first = try await post(path, body)
                    #expect(first.status == 202, "\(first.text)")
                    let count = try await runtime.all("/api/v1/deliveries").count
                    let second = try await post(path, body)
                    #expect(second.status == 202)
                    #expect(second.body == first.body)
                    #expect(try await runtime.all("/api/v1/deliveries").count == count)
                    // Another query, or another body.
                    let other = try await post(path.replacing("=true", with: "=false"), body + " ")
                    #expect(other.status == 409)
                }
            }
        }
    }

    @Test func `one that was delivered never becomes worse`() async throws {
        try await StubReceiver.run(answer: { $0 == 1 ? .ok : .notFound }) { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                try await send(runtime)
                let id = try #require(try await receiver.requests.next().header("X-Zentra-Delivery-Id"))
                try await wait(runtime, for: .delivered, 1)
                _ = try await runtime.send("POST", "/api/v1/deliveries/\(id)/redeliver", token: token)
                _ = try await receiver.requests.next()
                try await wait(runtime, for: .delivered, 1)
                #expect(
                    try await runtime.store.delivery(DeliveryID(id))?.attempts.map(\.outcome) == [
                        .delivered, .failed,
                    ])
            }
        }
    }

    @Test func `refuses what is pending, unknown or without a subscription`() async throws {
        let yaml =
            adminToken
            + subscription(to: "http://127.0.0.1:9/hook").replacing(
                "signing: {", with: "suspend: true\n  signing: {")
        try await RuntimeHarness.run(yaml, secrets: secrets) { runtime in
            try await send(runtime)
            let id = try #require(
                try await runtime.store.deliveries(.init(), before: nil, limit: 1).items.first?.id)
            #expect(
                try await runtime.send("POST", "/api/v1/deliveries/\(id)/redeliver", token: token).status
                    == 409)
            #expect(
                try await runtime.send("POST", "/api/v1/deliveries/none/redeliver", token: token).status
                    == 404)
            try await runtime.apply(adminToken, secrets: secrets.keys.sorted())
            #expect(
                try await runtime.send("POST", "/api/v1/deliveries/\(id)/redeliver", token: token).status
                    == 409)
        }
    }

    @Test func `replays a stretch of time, by status, under new ids when asked`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                try await send(runtime, 3)
                for _ in 1...3 { _ = try await receiver.requests.next() }
                try await wait(runtime, for: .delivered, 3)
                let none = try await replay(runtime, #"{"since":"2020-01-01T00:00:00Z","status":"failed"}"#)
                #expect(try none.json["deliveries"]?.int == 0)
                let again = try await replay(runtime, #"{"since":"2020-01-01T00:00:00Z"}"#)
                #expect(try again.json["deliveries"]?.int == 3)
                for _ in 1...3 {
                    #expect(try await receiver.requests.next().header("X-Zentra-Attempt") == "2")
                }
                try await wait(runtime, for: .delivered, 3)
                _ = try await replay(runtime, #"{"since":"2020-01-01T00:00:00Z","newId":true}"#)
                for _ in 1...3 {
                    #expect(try await receiver.requests.next().header("X-Zentra-Attempt") == "1")
                }
                try await wait(runtime, for: .delivered, 6)
            }
        }
    }

    @Test func `delivers what happened before the subscription when asked`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
                try await send(runtime, 2)
                try await runtime.apply(
                    adminToken + subscription(to: receiver.url), secrets: secrets.keys.sorted())
                let answer = try await replay(
                    runtime, #"{"since":"2020-01-01T00:00:00Z","includeMissing":true}"#)
                #expect(try answer.json["deliveries"]?.int == 2)
                for _ in 1...2 { _ = try await receiver.requests.next() }
                try await wait(runtime, for: .delivered, 2)
                let second = try await replay(
                    runtime, #"{"since":"2020-01-01T00:00:00Z","status":"failed","includeMissing":true}"#)
                #expect(try second.json["deliveries"]?.int == 0)
            }
        }
    }

    @Test(arguments: [
        ("{}", 422), (#"{"since":"yesterday"}"#, 422),
        (#"{"since":"2020-01-01T00:00:00Z","status":"pending"}"#, 422),
        (#"{"since":"2020-01-01T00:00:00Z","until":"2020-01-01T00:00:00Z"}"#, 422),
        (#"{"since":"2020-01-01T00:00:00Z","cursor":"made-1-2"}"#, 422),
        (#"{"since":"2020-01-01T00:00:00Z","cursor":"made-1--2-3"}"#, 422),
        (#"{"since":"2020-01-01T00:00:00Z","newid":true}"#, 422), ("not json", 400),
    ])
    func `says what is wrong with a replay`(_ body: String, _ status: Int) async throws {
        try await RuntimeHarness.run(adminToken + subscription(to: "http://127.0.0.1:9/"), secrets: secrets) {
            runtime in
            let answer = try await replay(runtime, body)
            #expect(answer.status == status)
            let unknown = try await runtime.send(
                "POST", "/api/v1/subscriptions/none/replay", token: token, json: body)
            #expect(unknown.status == 404)
        }
    }

    @Test func `sends a test event to one subscription only`() async throws {
        try await StubReceiver.run { receiver in
            let yaml =
                adminToken + subscription(to: receiver.url) + subscription("other", to: "http://127.0.0.1:9/")
            try await RuntimeHarness.run(yaml, secrets: secrets) { runtime in
                let answer = try await runtime.send(
                    "POST", "/api/v1/subscriptions/all/test", token: token,
                    json: #"{"event":"change.approved"}"#)
                #expect(answer.status == 202)
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Event") == "change.approved")
                #expect(try received.json["data"]?["test"] == true)
                #expect(
                    try await runtime.store.deliveries(.init(subscription: "other"), before: nil, limit: 1)
                        .items.isEmpty)
            }
        }
    }

    @Test func `a test event whose body has a slip is refused, and nothing is sent`() async throws {
        let yaml = adminToken + subscription(to: "http://127.0.0.1:9/")
        try await RuntimeHarness.run(yaml, secrets: secrets) { runtime in
            for body in ["[]", "null", #""ticket.created""#, #"{"evnt":"ticket.created"}"#, #"{"event":5}"#] {
                let answer = try await runtime.send(
                    "POST", "/api/v1/subscriptions/all/test", token: token, json: body)
                #expect(answer.status == 422, "\(body)")
            }
            #expect(try await runtime.store.deliveries(.init(), before: nil, limit: 1).items.isEmpty)
        }
    }

    @Test func `a replay in pieces takes each delivery and each missing event once`() async throws {
        let suspended = subscription(to: "http://127.0.0.1:9/hook").replacing(
            "  signing:", with: "  suspend: true\n  signing:")
        try await RuntimeHarness.run(adminToken, secrets: secrets) { runtime in
            try await send(runtime, 3)
            try await runtime.apply(adminToken + suspended, secrets: secrets.keys.sorted())
            try await send(runtime, 4)
            for delivery in try await runtime.store.deliveries(.init(), before: nil, limit: 10).items {
                let attempt = Attempt(number: 1, startedAt: .now(), outcome: .failed)
                let record = AttemptRecord(
                    delivery: delivery.sequence, subscription: "all", orderKey: nil, attempt: attempt,
                    transition: .failed)
                try await withCheckedThrowingContinuation { continuation in
                    runtime.store.record(record, now: .now()) { continuation.resume(with: $0) }
                }
            }
            var (counts, cursor): ([Int], JSONValue) = ([], .null)
            repeat {
                let place = cursor.isNull ? "" : #","cursor":\#(cursor.text)"#
                let body = #"{"since":"2020-01-01T00:00:00Z","includeMissing":true,"limit":2\#(place)}"#
                let answer = try await replay(runtime, body).json
                counts.append(answer["deliveries"]?.int ?? -1)
                cursor = answer["nextCursor"] ?? .null
            } while !cursor.isNull
            #expect(counts.reduce(0, +) == 7)
            #expect(counts.count > 3)
            #expect(runtime.store.pending.count(of: "all") == 7)
            for wrong in [#""limit":0"#, #""cursor":"x""#, #""cursor":"made-1""#] {
                let answer = try await replay(runtime, #"{"since":"2020-01-01T00:00:00Z",\#(wrong)}"#)
                #expect(answer.status == 422)
            }
        }
    }

    @Test func `what is new goes beside what is replayed`() async throws {
        try await StubReceiver.run { receiver in
            let slow = subscription(to: receiver.url).replacing(
                "  signing:", with: "  maxInFlight: 1\n  signing:")
            try await RuntimeHarness.run(adminToken + slow, secrets: secrets) { runtime in
                try await send(runtime, 40)
                try await wait(runtime, for: .delivered, 40)
                for _ in 0..<40 { _ = try await receiver.requests.next() }
                let answer = try await replay(runtime, #"{"since":"2020-01-01T00:00:00Z","newId":true}"#)
                #expect(try answer.json["deliveries"]?.int == 40)
                let body = #"{"event":"change.created","data":{"id":"chg_1"}}"#
                #expect(
                    try await runtime.send("POST", "/api/v1/events", token: token, json: body).status == 202)
                // Of one slot, three of four turns are for what is new.
                for position in 1...40 {
                    let received = try await receiver.requests.next()
                    guard received.header("X-Zentra-Event") == "change.created" else { continue }
                    return #expect(position < 40)
                }
                #expect(Bool(false), "the new one came last")
            }
        }
    }
}
