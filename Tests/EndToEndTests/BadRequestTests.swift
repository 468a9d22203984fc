import JSON
import TestSupport
import Testing

@Suite("Bad requests", .timeLimit(.minutes(5)))
struct BadRequestTests {
    private struct Case {
        var name: String
        var body = Resources.event()
        var token: String? = Workspace.token
        var framing = HTTPExchange.Framing.length
        var type = "application/json"
        var status: Int
        var detail: String
    }

    private static let long = Resources.event(data: "{\"id\":\"\(String(repeating: "x", count: 5000))\"}")

    private static let cases = [
        Case(
            name: "cut off", body: #"{"event":"ticket.created","data":{"#, status: 400, detail: "at byte 34"),
        Case(
            name: "no JSON", body: "event=ticket.created", status: 400,
            detail: "the body is not a JSON object"),
        Case(name: "empty", body: "", status: 400, detail: "the body is not a JSON object"),
        Case(
            name: "a key twice", body: #"{"event":"ticket.created","data":{"a":1,"a":2}}"#, status: 400,
            detail: "`a`"),
        Case(
            name: "unknown type", body: Resources.event("ticket.closed"), status: 422,
            detail: "`ticket.closed` is not in the event catalogue"),
        Case(name: "no data", body: #"{"event":"ticket.created"}"#, status: 422, detail: "`data` is missing"),
        Case(
            name: "data of another type", body: Resources.event(data: "[1]"), status: 422,
            detail: "`data` is not an object"),
        Case(
            name: "unknown field", body: #"{"event":"ticket.created","data":{},"date":1}"#, status: 422,
            detail: "the field `date` is unknown"),
        Case(name: "no token", token: nil, status: 401, detail: "a valid token is needed"),
        Case(name: "wrong token", token: "guess", status: 401, detail: "a valid token is needed"),
        Case(name: "no scope", token: "token-of-a-reader", status: 403, detail: "`events:write`"),
        Case(name: "too long", body: long, status: 413, detail: "larger than 4096 bytes"),
        Case(
            name: "too long in chunks", body: long, framing: .chunked, status: 413, detail: "larger than 4096"
        ),
        Case(
            name: "a batch with one bad item",
            body: "[\(Resources.event()),\(Resources.event("ticket.closed")),\(Resources.event())]",
            status: 422,
            detail: "event 1: `ticket.closed`"),
        Case(
            name: "lines with one bad item", body: Resources.event() + "\n" + Resources.event("nothing"),
            type: "application/x-ndjson", status: 422, detail: "event 1: `nothing`"),
        Case(name: "no event at all", body: "[]", status: 422, detail: "there is no event"),
    ]

    @Test func `a request that cannot be accepted is answered clearly and leaves nothing behind`()
        async throws
    {
        let receiver = try StubReceiver()
        var world = try await Workspace(
            receiver,
            more: [
                "reader.yaml": Resources.secret("reader-token", "env: READER_TOKEN")
                    + Resources.token("reader", "reader-token", "events:read")
            ])
        world.environment["READER_TOKEN"] = "token-of-a-reader"
        let (sidecar, port) = try await world.readySidecar(["--max-body", "4KiB"])
        for item in Self.cases {
            let answer = try await HTTPExchange.post(
                "/api/v1/events", port: port, token: item.token, body: item.body, framing: item.framing,
                type: item.type)
            #expect(answer.status == item.status, "\(item.name): \(answer.text)")
            #expect(answer.detail.contains(item.detail), "\(item.name): \(answer.text)")
            #expect(answer.head.contains("application/problem+json"), "\(item.name)")
            #expect(try answer.json["status"]?.int == item.status, "\(item.name)")
            #expect(try answer.json["requestId"]?.string?.isEmpty == false, "\(item.name)")
        }
        let accepted = try await world.send(to: port)
        try await receiver.requests(1)
        let events = try await HTTPExchange.get("/api/v1/events", port: port, token: "token-of-a-reader")
        let ids = try events.json["items"]?.array?.map { $0["id"]?.string }
        #expect(ids == [accepted], "nothing of the others was accepted: \(events.text)")
        #expect(receiver.requests.count == 1)
        #expect(await sidecar.stop() == 0)
    }

    @Test func `a repeated event is accepted and does nothing`() async throws {
        let receiver = try StubReceiver()
        let world = try await Workspace(receiver)
        let (sidecar, port) = try await world.readySidecar()
        let first = try await world.send(Resources.event(id: "once"), to: port)
        try await receiver.requests(1)
        #expect(try await world.send(Resources.event(id: "once"), to: port) == first)
        try await world.send(Resources.event(id: "twice"), to: port)
        try await receiver.requests(2)
        #expect(receiver.requests.count == 2)
        #expect(await sidecar.stop() == 0)
    }
}
