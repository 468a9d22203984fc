import HTTPTypes
import Store

/// The dashboard on the listener for operators: pages without scripts, which change nothing.
struct DashboardRoutes: Sendable {
    let reader: OverviewReader
    let clock: any WallClock

    private static let deliveries = 50

    var all: [APIRoute] {
        [
            APIRoute(.get, "/", .open, "The dashboard.") { _ in
                OverviewPage.template.response(try await reader.page(now: clock.now()))
            },
            APIRoute(.get, "/subscriptions/{name}", .open, "The latest deliveries of a subscription.") {
                try await subscription($0.parameter("name"))
            },
            APIRoute(.get, "/deliveries/{id}", .open, "A delivery with its attempts.") {
                try await delivery($0.parameter("id"))
            },
        ]
    }

    private func subscription(_ name: String) async throws -> APIResponse {
        let now = clock.now()
        guard let subscription = reader.configuration.current.subscriptions[name] else {
            return missing("There is no subscription “\(name)”.", now)
        }
        let latest = try await reader.store.deliveries(
            DeliveryFilter(subscription: name), before: nil, limit: Self.deliveries)
        return SubscriptionPage.template.response(
            SubscriptionPage(
                title: "Subscription \(name)", version: reader.version, now: now.description, name: name,
                target: OverviewReader.target(subscription), events: OverviewReader.events(subscription),
                deliveries: latest.items.map { DeliveryRow($0, now: now) }))
    }

    private func delivery(_ id: String) async throws -> APIResponse {
        let now = clock.now()
        guard let detail = try await reader.store.delivery(DeliveryID(id)) else {
            return missing("There is no delivery “\(id)”.", now)
        }
        return DeliveryPage.template.response(DeliveryPage(detail, version: reader.version, now: now))
    }

    private func missing(_ message: String, _ now: UnixTime) -> APIResponse {
        MessagePage.template.response(
            MessagePage(title: "Not found", version: reader.version, now: now.description, message: message),
            .notFound)
    }
}
