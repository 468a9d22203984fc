import HTTPTypes
import JSON
import Resources
package import Store

/// `/api/v1/deliveries`.
struct DeliveryRoutes {
    let store: Store

    var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/v1/deliveries", .scope(.deliveriesRead), "Lists deliveries, newest first.",
                handler: list
            )
            .lists(APISchema.named("Delivery"))
            .query("subscription", APISchema.string, "Only to this subscription.")
            .query(
                "status", APISchema.choice(DeliveryStatus.allCases.map(\.rawValue)), "Only with this status."
            )
            .query("event", APISchema.string, "Only of the event with this id, or of events of this type.")
            .query("since", APISchema.time, "Only those made at that time or later."),
            APIRoute(
                .get, "/api/v1/deliveries/{id}", .scope(.deliveriesRead),
                "Shows a delivery with its attempts.",
                handler: show
            )
            .answers(.ok, "The delivery.", APISchema.named("DeliveryDetail"))
            .problems((.notFound, "There is no such delivery.")),
        ]
    }

    @Sendable private func list(_ request: APIRequest) async throws -> APIResponse {
        let parameters = try ListParameters(request)
        var filter = DeliveryFilter(
            subscription: request.query("subscription"), since: try request.time("since"))
        if let event = request.query("event") { filter.select(event: event) }
        filter.status = try request.choice("status")
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

extension DeliveryFilter {
    /// Narrows to the event with this id, or to events of this type.
    package mutating func select(event: String) {
        // No id that this process makes is a type.
        if EventCatalog.contains(event) { eventType = event } else { self.event = EventID(event) }
    }
}
