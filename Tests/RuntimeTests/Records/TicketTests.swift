import JSON
import Testing

@Suite(.timeLimit(.minutes(5))) struct TicketTests {
    private let secrets = ["api-token": token, "signing": "s3cret"]

    @Test func `a new ticket has a key, its defaults, an event and a signed delivery`() async throws {
        try await StubReceiver.run { receiver in
            try await RuntimeHarness.run(adminToken + subscription(to: receiver.url), secrets: secrets) {
                runtime in
                let answer = try await runtime.create(#"{"subject":"Cannot connect to VPN"}"#)
                #expect(answer.status == 201)
                let ticket = try answer.json
                #expect(ticket["key"] == "INC-1")
                #expect(ticket["status"] == "new")
                #expect(ticket["priority"] == "medium")
                #expect(answer.header("Location") == "/api/v1/tickets/\(ticket["id"]?.string ?? "")")
                let keys = ticket.object?.keys.prefix(10) ?? []
                #expect(
                    Array(keys) == [
                        "id", "key", "subject", "type", "status", "priority", "category", "team_id",
                        "requester_email", "created_at",
                    ])
                let received = try await receiver.requests.next()
                #expect(received.header("X-Zentra-Event") == "ticket.created")
                #expect(received.header("X-Zentra-Signature") == hmac(received.body, key: "s3cret"))
                #expect(try received.json["data"] == ticket)
            }
        }
    }

    @Test func `keys count up without gaps in the order of commits`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    // Every tenth is refused and must not take a number.
                    let status = number % 10 == 0 ? "closed" : "open"
                    group.addTask {
                        try await runtime.create(#"{"subject":"n","status":"\#(status)"}"#).status
                    }
                }
                let statuses = try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
                #expect(statuses == [201: 180, 422: 20])
            }
            let tickets = try await runtime.all("/api/v1/tickets")
            let keys = tickets.compactMap { $0["key"]?.string }
            #expect(keys == (1...180).reversed().map { "INC-\($0)" })
            let events = try await runtime.all("/api/v1/events")
            #expect(events.compactMap { $0["data"]?["key"]?.string } == keys)
        }
    }

    @Test func `incidents and requests count on their own`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            var keys: [String?] = []
            for type in ["incident", "request", "incident"] {
                let answer = try await runtime.create(#"{"subject":"a","type":"\#(type)"}"#)
                keys.append(try answer.json["key"]?.string)
            }
            #expect(keys == ["INC-1", "REQ-1", "INC-2"])
        }
    }

    @Test func `a change of the status is three events when it resolves the ticket`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            let answer = try await runtime.send(
                "PATCH", "/api/v1/tickets/INC-1", token: token, json: #"{"status":"resolved"}"#)
            #expect(answer.status == 200)
            #expect(try answer.json["resolved_at"]?.string != nil)
            let events = try await runtime.all("/api/v1/events")
            #expect(
                events.compactMap { $0["event"]?.string } == [
                    "ticket.resolved", "ticket.status_changed", "ticket.updated", "ticket.created",
                ])
            #expect(events[0]["changed"] == ["status", "resolved_at"])
            #expect(events[0]["previous"] == ["status": "new", "resolved_at": nil])
            let history = try await runtime.all("/api/v1/tickets/INC-1/history")
            #expect(history.map { $0["actor"] } == ["token:tester", "token:tester"])
        }
    }

    @Test func `an impossible transition names the possible ones`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            _ = try await runtime.patch("INC-1", #"{"status":"closed"}"#)
            let answer = try await runtime.patch("INC-1", #"{"status":"open"}"#)
            #expect(answer.status == 422)
            #expect(
                try answer.json["detail"]
                    == "a ticket that is `closed` cannot become `open`; possible: nothing")
            #expect(try answer.json["pointer"] == "/status")
        }
    }

    @Test func `a lost update is refused`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            let tag = try await runtime.create(#"{"subject":"a"}"#).header("ETag") ?? ""
            let first = try await runtime.patch("INC-1", #"{"priority":"high"}"#, ifMatch: tag)
            #expect(first.status == 200)
            #expect(try await runtime.patch("INC-1", #"{"priority":"low"}"#, ifMatch: tag).status == 412)
            let current = first.header("ETag") ?? ""
            #expect(try await runtime.patch("INC-1", #"{"priority":"low"}"#, ifMatch: current).status == 200)
        }
    }

    @Test func `concurrent changes of one ticket are all made`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        try await runtime.patch("INC-1", #"{"custom":{"n\#(number)":true}}"#).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            let ticket = try await runtime.send("GET", "/api/v1/tickets/INC-1", token: token)
            #expect(try ticket.json["custom"]?.object?.count == 30)
            #expect(ticket.header("ETag") == "\"31\"")
        }
    }

    @Test func `a change that changes nothing is no event`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            #expect(try await runtime.patch("INC-1", #"{"subject":"a"}"#).header("ETag") == "\"1\"")
            #expect(try await runtime.all("/api/v1/events").count == 1)
        }
    }

    @Test(arguments: [
        (#"{"subject":1}"#, "/subject"), (#"{"subject":"  "}"#, "/subject"), ("{}", "/subject"),
        (#"{"subject":"a","priority":"urgent"}"#, "/priority"), (#"{"subject":"a","id":"x"}"#, "/id"),
        (#"{"subject":"a","custom":[]}"#, "/custom"), (#"{"subject":"a","prority":"low"}"#, "/prority"),
        (#"{"subject":"a\u0000"}"#, "/subject"),
    ])
    func `a wrong field is named`(_ body: String, _ pointer: String) async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            let answer = try await runtime.create(body)
            #expect(answer.status == 422)
            #expect(try answer.json["pointer"]?.string == pointer)
            #expect(try await runtime.all("/api/v1/tickets").isEmpty)
        }
    }

    @Test func `a repeated request gets the same answer and does nothing`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            func create(_ subject: String) async throws -> TestAnswer {
                try await runtime.send(
                    "POST", "/api/v1/tickets", token: token, headers: ["Idempotency-Key": "k1"],
                    json: #"{"subject":"\#(subject)"}"#)
            }
            async let one = create("a")
            async let two = create("a")
            let (first, second) = try await (one, two)
            #expect(first.status == 201)
            #expect(second.status == 201)
            #expect(first.body == second.body)
            #expect(first.header("Location") == second.header("Location"))
            #expect(try await create("b").status == 409)
            #expect(try await runtime.all("/api/v1/tickets").count == 1)
        }
    }

    @Test func `a comment is kept with its ticket`() async throws {
        try await RuntimeHarness.run(adminToken, secrets: secrets) { (runtime) async throws in
            _ = try await runtime.create(#"{"subject":"a"}"#)
            let answer = try await runtime.send(
                "POST", "/api/v1/tickets/INC-1/comments", token: token,
                json: #"{"body":"Done","author":"Ann"}"#)
            #expect(answer.status == 201)
            let comment = try answer.json
            #expect(try await runtime.all("/api/v1/tickets/INC-1/comments") == [comment])
        }
    }
}

extension RuntimeHarness {
    func create(_ json: String) async throws -> TestAnswer {
        try await send("POST", "/api/v1/tickets", token: token, json: json)
    }

    func patch(_ key: String, _ json: String, ifMatch tag: String? = nil) async throws -> TestAnswer {
        try await send(
            "PATCH", "/api/v1/tickets/\(key)", token: token, headers: tag.map { ["If-Match": $0] } ?? [:],
            json: json)
    }

    /// All items of a list, newest first, page by page.
    func all(_ path: String) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor = ""
        while true {
            let page = try await send("GET", "\(path)?limit=50\(cursor)", token: token).json
            items += page["items"]?.array ?? []
            guard let next = page["nextCursor"]?.string else { return items }
            cursor = "&cursor=\(next)"
        }
    }
}
