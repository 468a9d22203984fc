import HTTPTypes
import JSON
import Resources
import Store

/// `/api/v1/events` and the catalogue.
struct EventRoutes {
    let store: Store
    let ingest: Ingest
    let clock: any RuntimeClock
    let maxBody: Int

    var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/v1/events", .scope(.eventsWrite),
                "Accepts one event or up to 1,000, all or none.",
                bodyLimit: maxBody, handler: accept),
            APIRoute(
                .get, "/api/v1/events", .scope(.eventsRead), "Lists events, newest first.", handler: list),
            APIRoute(.get, "/api/v1/events/{id}", .scope(.eventsRead), "Shows an event.", handler: show),
            APIRoute(.get, "/api/v1/event-types", .open, "Lists the event types.", handler: types),
        ]
    }

    @Sendable private func accept(_ request: APIRequest) async throws -> APIResponse {
        let isLines = request.headers[.contentType]?.hasPrefix("application/x-ndjson") ?? false
        let reader = EventRequest(now: clock.now(), source: "token:\(request.caller?.name ?? "")")
        let (events, isBatch) = try request.withBody { try reader.events($0, isLines: isLines) }
        let accepted = try await ingest.accept(events)
        if isBatch { return .json(["items": .array(accepted.map(answer))], .accepted) }
        return .json(answer(accepted[0]), .accepted)
    }

    private func answer(_ event: AcceptedEvent) -> JSONValue {
        ["id": .string(event.id.text), "deliveries": .number(JSONNumber(event.deliveryCount)), "runs": 0]
    }

    @Sendable private func list(_ request: APIRequest) async throws -> APIResponse {
        let parameters = try ListParameters(request)
        let filter = EventFilter(type: request.query("type"), since: try request.time("since"))
        return .page(
            try await store.events(filter, before: parameters.before, limit: parameters.limit),
            EventJSON.value)
    }

    @Sendable private func show(_ request: APIRequest) async throws -> APIResponse {
        guard let event = try await store.event(EventID(request.parameter("id"))) else {
            throw Problem.notFound("event `\(request.parameter("id"))`")
        }
        return .json(EventJSON.value(event))
    }

    @Sendable private func types(_ request: APIRequest) async throws -> APIResponse {
        .json(EventJSON.catalog)
    }
}
