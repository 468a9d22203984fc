import JSON
import TestSupport
import Testing

@Suite("Events that are nested as deeply as it may be", .timeLimit(.minutes(5)))
struct NestedDataTests {
    /// In every document that the data becomes part of.
    @Test func `data of 128 levels goes everywhere, more is refused`() async throws {
        let receiver = try StubReceiver { request, _ in
            .init(200, body: request.path == "/step" ? Self.nested(128) : "")
        }
        let steps = """
              steps:
                - id: call
                  http: {method: POST, url: "http://127.0.0.1:\(receiver.port)/step", body: {of: "${event.data}"}}
                  outputs: {answer: "${response.body}"}
                - id: wait
                  waitFor: {event: ticket.updated, timeout: 1h}
                - id: emit
                  emit: {type: custom.nested, data: {of: "${steps.wait.outputs.message}"}}
            """
        let subscription = Resources.subscription(
            to: receiver.url, events: "ticket.created, custom.nested",
            more: "filter: event.data.id == 'tkt_1' || has(event.data.of)\n  body: {whole: \"${event}\"}")
        let world = try await Workspace(
            workflow: steps,
            more: ["erp.yaml": Resources.secret("erp-signing", "env: ERP_SECRET") + subscription])
        let (first, port) = try await world.workflowSidecar()
        for body in [Self.event(levels: 129), "[\(Self.event(levels: 129))]"] {
            let refused = try await HTTPExchange.post(
                "/api/v1/events", port: port, token: Workspace.token, body: body)
            #expect(refused.status == 400)
        }
        try await world.send("[\(Self.event(levels: 128))]", to: port)
        let run = try await Workspace.run(port) { $0["status"]?.string == "waiting" }
        #expect(await first.stop() == 0)

        // Its journal is read.
        let (second, newPort) = try await world.workflowSidecar()
        try await world.send(Self.event("ticket.updated", levels: 128), to: newPort)
        _ = try await Workspace.run(newPort) { $0["status"]?.string == "succeeded" }
        let requests = try await receiver.requests(3)
        for request in requests { #expect(request.text.contains(Self.nested(127)), "\(request.text)") }
        let shown = [
            try await world.run("runs", "show", run["id"]?.string ?? "", "--format", "json"),
            try await world.run("events", "list", "--format", "json"),
            try await world.run("deliveries", "list", "--format", "json"),
        ]
        for result in shown { #expect(result.status == 0, "\(result)") }
        for result in shown.prefix(2) {
            #expect(result.output.filter { !$0.isWhitespace }.contains(Self.nested(127)), "\(result)")
        }
        #expect(await second.stop() == 0)
    }

    /// Each step puts what the one before it left behind deeper into something else.
    @Test func `a run whose values nest without end fails, and is read after a restart`() async throws {
        let steps = (1...6).map { step in
            let earlier = step == 1 ? "1" : "${steps.s\(step - 1).outputs}"
            let value = (0..<60).reduce("\"\(earlier)\"") { inner, _ in "{a: \(inner)}" }
            return "    - {id: s\(step), set: \(value)}\n"
        }
        let wait = "waitFor: {event: ticket.updated, timeout: 1h}"
        let world = try await Workspace(
            workflow: "  steps:\n\(steps.joined())    - {id: on, \(wait)}\n"
                + "  onFailure:\n    - {id: late, \(wait)}\n")
        let (first, port) = try await world.workflowSidecar()
        try await world.send(Self.event(levels: 1), to: port)
        let waiting = try await Workspace.run(port) { $0["status"]?.string == "waiting" }
        #expect(await first.stop() == 0)

        let (second, newPort) = try await world.workflowSidecar()
        let shown = try await world.run("runs", "show", waiting["id"]?.string ?? "", "--format", "json")
        try #require(try JSONValue(parsing: shown.output)["problem"] == .null, "\(shown)")
        try await world.send(Self.event("ticket.updated", levels: 1), to: newPort)
        let run = try await Workspace.run(newPort) { $0["status"]?.string == "failed" }
        let error = run["error"]?["message"]?.string ?? ""
        #expect(error == "`steps.s4.set` is nested more than 192 levels deep")
        #expect(await second.stop() == 0)
    }

    private static func event(_ type: String = "ticket.created", levels: Int) -> String {
        Resources.event(type, data: data(levels: levels))
    }

    /// The data of an event, of that many levels.
    private static func data(levels: Int) -> String { #"{"id":"tkt_1","a":\#(nested(levels - 1))}"# }

    private static func nested(_ levels: Int) -> String {
        String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
    }
}
