import HTTPTypes
import JSON
import Resources
import Store

/// `/api/v1/deliveries`.
struct DeliveryRoutes {
    let store: Store

    var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/v1/deliveries", .scope(.deliveriesRead), "Lists deliveries, newest first.",
                handler: list),
            APIRoute(
                .get, "/api/v1/deliveries/{id}", .scope(.deliveriesRead),
                "Shows a delivery with its attempts.",
                handler: show),
        ]
    }

    @Sendable private func list(_ request: APIRequest) async throws -> APIResponse {
        let parameters = try ListParameters(request)
        var filter = DeliveryFilter(
            subscription: request.query("subscription"), event: request.query("event").map { EventID($0) },
            since: try request.time("since"))
        if let text = request.query("status") {
            guard let status = DeliveryStatus(rawValue: text) else {
                let known = DeliveryStatus.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                throw Problem.invalid("`status` is one of \(known)", pointer: "/status")
            }
            filter.status = status
        }
        let page = try await store.deliveries(filter, before: parameters.before, limit: parameters.limit)
        return .page(page) { .object(DeliveryJSON.object($0)) }
    }

    @Sendable private func show(_ request: APIRequest) async throws -> APIResponse {
        guard let detail = try await store.delivery(DeliveryID(request.parameter("id"))) else {
            throw Problem.notFound("delivery `\(request.parameter("id"))`")
        }
        return .json(.object(DeliveryJSON.object(detail)))
    }
}
