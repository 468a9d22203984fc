import HTTPTypes
import JSON

/// `/livez` and `/readyz`.
struct ProbeRoutes {
    let heartbeats: Heartbeats
    let isReady: @Sendable () -> Bool

    var all: [APIRoute] {
        [
            APIRoute(.get, "/livez", .open, "Whether the loops turn.", handler: live),
            APIRoute(.get, "/readyz", .open, "Whether a configuration is live.", handler: ready),
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
        guard isReady() else { throw Problem.noConfiguration }
        return .text("ok\n")
    }
}
