import Foundation
import JSON
import TestSupport
import Testing

@Suite("Workflows killed in the middle", .timeLimit(.minutes(5)))
struct WorkflowCrashTests {
    private static let canary = "canary-5b1e90c7"

    /// A workspace with one workflow on new tickets.
    private func world(_ steps: String) async throws -> Workspace {
        let token = Resources.token("admin", "desk-token", "admin")
        let workflow = Resources.document("Workflow", "page", "triggers: [{event: ticket.created}]\n" + steps)
        let secrets =
            Resources.secret("desk-token", "env: DESK_TOKEN") + Resources.secret("canary", "env: CANARY")
        var world = try await Workspace(["base.yaml": secrets + token, "page.yaml": workflow])
        world.environment["CANARY"] = Self.canary
        return world
    }

    private func start(_ world: Workspace) async throws -> (sidecar: SidecarProcess, port: Int) {
        try await world.readySidecar(["--public-url", "http://127.0.0.1:1"])
    }

    private func createTicket(_ port: Int) async throws -> String {
        let answer = try await HTTPExchange.post(
            "/api/v1/tickets", port: port, token: Workspace.token,
            body: #"{"subject":"db down","priority":"critical"}"#)
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json["id"]?.string ?? ""
    }

    private func get(_ path: String, _ port: Int) async throws -> JSONValue {
        try await HTTPExchange.get(path, port: port, token: Workspace.token).json
    }

    /// The only run, once it is as the test waits for; the test's time limit bounds it.
    private func run(_ port: Int, until condition: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let runs = try await get("/api/v1/runs", port)["items"]?.array ?? []
            #expect(runs.count <= 1)
            if let run = runs.first, condition(run) { return run }
            try Task.checkCancellation()
        }
    }

    @Test func `a request that was out is sent again with the same key, and what follows happens once`()
        async throws
    {
        let gate = Gate()
        let receiver = try StubReceiver { request, _ in
            if request.number == 1 { gate.wait() }
            return .init(202)
        }
        let world = try await world(
            """
              steps:
                - id: call
                  http: {url: "\(receiver.url)", headers: {X-Key: "${secrets['canary']}"}, body: {id: "${event.data.id}"}}
                - id: assign
                  update: {record: ticket, id: "${event.data.id}", set: {status: in_progress}}
            """)
        let (first, port) = try await start(world)
        let ticket = try await createTicket(port)
        try await receiver.requests(1)
        await first.kill()
        gate.open()

        let (second, newPort) = try await start(world)
        let run = try await run(newPort) { $0["status"]?.string == "succeeded" }
        let requests = receiver.requests
        #expect(requests.count == 2)
        #expect(requests[0]["Idempotency-Key"]?.isEmpty == false)
        #expect(requests[0]["Idempotency-Key"] == requests[1]["Idempotency-Key"])
        #expect(requests.map(\.body)[0] == requests.map(\.body)[1])
        #expect(requests.map { $0["X-Key"] } == [Self.canary, Self.canary])
        #expect(try await get("/api/v1/tickets/\(ticket)", newPort)["status"]?.string == "in_progress")
        let changes = try await get("/api/v1/events", newPort)["items"]?.array ?? []
        #expect(changes.count { $0["event"]?.string == "ticket.status_changed" } == 1)

        let shown = try await world.run("runs", "show", run["id"]?.string ?? "", "--format", "json")
        #expect(shown.status == 0, "\(shown)")
        #expect(!shown.output.contains(Self.canary))
        #expect(shown.output.contains("secret:canary"))
        #expect(await second.stop() == 0)
        for file in try FileManager.default.contentsOfDirectory(atPath: world.folder.path) {
            let path = world.folder.appending(file)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
            else {
                continue
            }
            let bytes = try Data(contentsOf: URL(filePath: path))
            #expect(bytes.range(of: Data(Self.canary.utf8)) == nil, "\(file)")
        }
    }

    @Test func `a timer that was running goes off in the next process, and not early`() async throws {
        let receiver = try StubReceiver()
        let world = try await world(
            """
              steps:
                - id: nap
                  sleep: {for: 5s}
                - id: call
                  http: {url: "\(receiver.url)"}
            """)
        let (first, port) = try await start(world)
        _ = try await createTicket(port)
        let waiting = try await run(port) { $0["wakeAt"]?.string != nil }
        await first.kill()

        let (second, newPort) = try await start(world)
        let run = try await run(newPort) { $0["status"]?.string == "succeeded" }
        let detail = try await get("/api/v1/runs/\(run["id"]?.string ?? "")", newPort)
        let call = detail["steps"]?.array?.last
        #expect(try moment(call?["startedAt"]) >= (try moment(waiting["wakeAt"])))
        #expect(Set(receiver.requests.map { $0["Idempotency-Key"] ?? "" }).count == 1)
        #expect(await second.stop() == 0)
    }

    /// RFC 3339 in UTC, with milliseconds unless they are zero; texts of one precision compare like times.
    private func moment(_ value: JSONValue?) throws -> String {
        let text = try #require(value?.string)
        return text.contains(".") ? text : text.replacing("Z", with: ".000Z")
    }

    @Test func `a callback that was answered resumes its run, whenever the process is killed after it`()
        async throws
    {
        let receiver = try StubReceiver()
        let world = try await world(
            """
              steps:
                - id: call
                  http: {url: "\(receiver.url)", body: {url: "${callbacks.ack.url}"}}
                - id: ack
                  waitFor: {callback: {}, timeout: 1h}
                - id: assign
                  update: {record: ticket, id: "${event.data.id}", set: {assignee: "${steps.ack.outputs.message.data.who}"}}
            """)
        let (first, port) = try await start(world)
        let ticket = try await createTicket(port)
        let body = try await receiver.requests(1)[0].body
        let url = try JSONValue(parsing: body)["url"]?.string ?? ""
        let path = try #require(URL(string: url)?.path)
        // Whether the run waits for it by now does not matter.
        let answer = try await HTTPExchange.post(path, port: port, body: #"{"who":"ann"}"#)
        #expect(answer.status == 202, "\(answer.text)")
        await first.kill()

        let (second, newPort) = try await start(world)
        _ = try await run(newPort) { $0["status"]?.string == "succeeded" }
        let again = try await HTTPExchange.post(path, port: newPort, body: #"{"who":"bob"}"#)
        #expect(again.status == 200, "\(again.text)")
        #expect(try await get("/api/v1/tickets/\(ticket)", newPort)["assignee"]?.string == "ann")
        #expect(await second.stop() == 0)
    }
}
