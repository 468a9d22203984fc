import Store

/// A delivery as a line of a table.
struct DeliveryRow: Sendable {
    let id: String
    let subscription: String
    let event: String
    let status: String
    let tone: String
    let attempts: Int
    /// Status code or class of error of the latest attempt.
    let result: String
    let error: String?
    let age: String
    let time: String

    init(_ delivery: Delivery, now: UnixTime) {
        id = delivery.id.text
        subscription = delivery.subscription
        event = delivery.eventType
        status = delivery.status.rawValue
        tone = Self.tone(of: delivery.status, attempts: delivery.attempts)
        attempts = delivery.attempts
        result = delivery.lastStatusCode.map(String.init) ?? delivery.lastErrorClass ?? ""
        error = delivery.lastError
        age = DashboardTime.ago(delivery.createdAt, now: now)
        time = delivery.createdAt.description
    }

    static func tone(of status: DeliveryStatus, attempts: Int) -> String {
        switch status {
        case .delivered: "good"
        case .pending: attempts > 0 ? "warn" : ""
        case .failed, .exhausted, .expired: "bad"
        case .cancelled: ""
        }
    }

    /// The table of such lines, as part of a template; they are in `deliveries`.
    static let table = """
        <div class="card"><table class="stack"><thead><tr><th>Delivery</th><th>Event</th><th>Result</th><th class="number">Attempts</th>\
        <th>Made</th></tr></thead><tbody>
        {{#deliveries}}
        <tr><td><a href="/deliveries/{{id}}"><code>{{id}}</code></a><br><a class="soft" href="/subscriptions/{{subscription}}">\
        {{subscription}}</a></td>
        <td>{{event}}</td>
        <td class="wide"><span class="pill {{tone}}">{{status}}</span> {{result}}{{#error}}<br><span class="soft">{{error}}</span>\
        {{/error}}</td>
        <td class="number" data-name="Attempts">{{attempts}}</td><td class="when" title="{{time}}"><span class="soft">{{age}}</span></td></tr>
        {{/deliveries}}
        </tbody></table>{{^deliveries}}<p class="empty">{{none}}</p>{{/deliveries}}</div>
        """
}
