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
    static func run(_ port: Int, until condition: (JSONValue) -> Bool) async throws -> JSONValue {
        while true {
            let runs = try await get("/api/v1/runs", port)["items"]?.array ?? []
            #expect(runs.count <= 1)
            if let run = runs.first, condition(run) { return run }
            try Task.checkCancellation()
        }
    }
}
