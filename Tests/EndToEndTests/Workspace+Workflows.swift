import JSON
import TestSupport
import Testing

extension Workspace {
    static let canary = "canary-5b1e90c7"

    /// A workspace with one workflow `page` on new tickets, and a secret `canary`.
    ///
    /// - Parameter workflow: the fields of its spec besides the triggers, indented by two.
    init(workflow: String, more: [String: String] = [:]) async throws {
        let token = Resources.token("admin", "desk-token", "admin")
        let workflow = Resources.document(
            "Workflow", "page", "triggers: [{event: ticket.created}]\n" + workflow)
        try await self.init(
            [
                "base.yaml": Resources.secret("desk-token", "env: DESK_TOKEN") + token,
                "canary.yaml": Resources.secret("canary", "env: CANARY"), "page.yaml": workflow,
            ].merging(more) { $1 })
        environment["CANARY"] = Self.canary
    }

    /// Makes a ticket; returns its id.
    static func createTicket(_ port: Int) async throws -> String {
        let answer = try await HTTPExchange.post(
            "/api/v1/tickets", port: port, token: token, body: #"{"subject":"db down","priority":"critical"}"#
        )
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json["id"]?.string ?? ""
    }

    static func get(_ path: String, _ port: Int) async throws -> JSONValue {
        try await HTTPExchange.get(path, port: port, token: token).json
    }

    /// The only run, once it is as the test waits for; the test's time limit bounds it.
    ///
    /// - Throws: when it has ended in another way.
    static func run(_ port: Int, until condition: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let runs = try await get("/api/v1/runs", port)["items"]?.array ?? []
            #expect(runs.count <= 1)
            if let run = runs.first {
                if condition(run) { return run }
                if ended.contains(run["status"]?.string ?? "") { throw RunHasEnded(run: run.text) }
            }
            try Task.checkCancellation()
        }
    }

    private static let ended: Set<String> = ["succeeded", "failed", "cancelled", "refused"]

    /// A run has ended, and not as the test waits for.
    private struct RunHasEnded: Error {
        let run: String
    }

    /// Starts the sidecar with a public URL, which callbacks need, and waits until a configuration is live.
    func workflowSidecar(
        _ arguments: [String] = []
    ) async throws -> (sidecar: SidecarProcess, port: Int) {
        try await readySidecar(["--public-url", "http://127.0.0.1:1"] + arguments)
    }

    /// A receiver whose first answer waits until the gate is open; it takes everything.
    static func receiver(behind gate: Gate) throws -> StubReceiver {
        try StubReceiver { request, _ in
            if request.number == 1 { gate.wait() }
            return .init(202)
        }
    }

    /// Lets a new ticket start a run, kills the sidecar while its first request is out, and starts another.
    func killed(
        behind gate: Gate, at receiver: StubReceiver
    ) async throws -> (sidecar: SidecarProcess, port: Int, ticket: String) {
        let (first, port) = try await workflowSidecar()
        let ticket = try await Self.createTicket(port)
        try await receiver.requests(1)
        await first.kill()
        gate.open()
        let (second, newPort) = try await workflowSidecar()
        return (second, newPort, ticket)
    }
}
