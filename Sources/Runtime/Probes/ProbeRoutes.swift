import HTTPTypes
import JSON

/// `/livez` and `/readyz`.
struct ProbeRoutes {
    let heartbeats: Heartbeats
    /// Throws what stands against new work; what comes in is refused for the same reason.
    let requireReady: @Sendable () throws -> Void

    var all: [APIRoute] {
        [
            APIRoute(.get, "/livez", .open, "Whether the loops turn.", handler: live),
            APIRoute(
                .get, "/readyz", .open,
                "Whether a configuration is live and the state is where it was opened.", handler: ready),
        ]
    }

    @Sendable private func live(_ request: APIRequest) async throws -> APIResponse {
        let stuck = heartbeats.stuck()
        guard stuck.isEmpty else {
            throw Problem.unavailable("these loops do not turn: \(stuck.joined(separator: ", "))")
        }
        return .text("ok\n")
    }

    @Sendable private func ready(_ request: APIRequest) async throws -> APIResponse {
        try requireReady()
        return .text("ok\n")
    }
}
