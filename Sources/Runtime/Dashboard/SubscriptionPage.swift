/// `/subscriptions/{name}`: its latest deliveries.
struct SubscriptionPage: Sendable {
    let title: String
    let version: String
    let now: String
    let name: String
    let target: String
    let events: String
    let deliveries: [DeliveryRow]
    let none = "Nothing has been delivered to it yet."

    static let template = DashboardTemplate(
        """
        <header><a href="/">zentra-sync</a><h1>{{name}}</h1></header>
        <section class="card pad"><dl><dt>Target</dt><dd>{{target}}</dd><dt>Events</dt><dd>{{events}}</dd></dl></section>
        <h2>Latest deliveries</h2>
        \(DeliveryRow.table)
        """, refreshes: true)
}
