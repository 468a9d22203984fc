import JSON
import Store

/// `/deliveries/{id}`: a delivery with each of its attempts.
struct DeliveryPage: Sendable {
    struct Line: Sendable {
        let name: String
        let value: String
    }

    struct ShownAttempt: Sendable {
        let number: Int
        let outcome: String
        let tone: String
        let result: String
        let startedAt: String
        let error: String?
        let timing: String?
        let headers: String?
        let body: String?
        let truncated: String?
    }

    let title: String
    let version: String
    let now: String
    let delivery: DeliveryRow
    let facts: [Line]
    let attempts: [ShownAttempt]
    /// What every attempt sends.
    let body: String?

    init(_ detail: DeliveryDetail, version: String, now: UnixTime) {
        let delivery = detail.delivery
        title = "Delivery \(delivery.id.text)"
        self.version = version
        self.now = now.description
        self.delivery = DeliveryRow(delivery, now: now)
        var facts = [
            Line(name: "Event", value: "\(delivery.eventType) \(delivery.eventID.text)"),
            Line(name: "Made", value: delivery.createdAt.description),
        ]
        if let time = delivery.finishedAt { facts.append(Line(name: "Finished", value: time.description)) }
        if let time = delivery.nextAttempt {
            facts.append(Line(name: "Next attempt", value: time.description))
        }
        if let key = detail.orderKey { facts.append(Line(name: "Order key", value: key)) }
        self.facts = facts
        attempts = detail.attempts.reversed().map(ShownAttempt.init)
        body = Payload.bytes(of: detail).map { String(decoding: $0, as: UTF8.self) }
    }

    static let template = DashboardTemplate(
        """
        <header><a href="/">zentra-sync</a><a href="/subscriptions/{{delivery.subscription}}">{{delivery.subscription}}</a>
        <h1><code>{{delivery.id}}</code></h1></header>
        <section class="card pad"><p class="sync lead"><span class="pill {{delivery.tone}}">{{delivery.status}}</span>
        <span class="soft">{{delivery.age}}</span></p>
        <dl>{{#facts}}<dt>{{name}}</dt><dd>{{value}}</dd>{{/facts}}</dl></section>
        <h2>Attempts</h2>
        <div class="card">
        {{#attempts}}
        <div class="attempt"><div class="sync"><strong>{{number}}</strong><span class="pill {{tone}}">{{outcome}}</span>
        <span>{{result}}</span><span class="soft">{{startedAt}}</span></div>
        {{#error}}<p>{{error}}</p>{{/error}}{{#timing}}<p class="soft">{{timing}}</p>{{/timing}}
        {{#headers}}<pre>{{headers}}</pre>{{/headers}}{{#body}}<pre>{{body}}</pre>{{/body}}
        {{#truncated}}<p class="soft">{{truncated}}</p>{{/truncated}}</div>
        {{/attempts}}
        {{^attempts}}<p class="empty">No attempt is kept.</p>{{/attempts}}
        </div>
        <h2>Body of the request</h2>
        <div class="card pad">{{#body}}<pre>{{body}}</pre>{{/body}}{{^body}}<p class="soft">Nothing was sent.</p>{{/body}}</div>
        """)
}

extension DeliveryPage.ShownAttempt {
    init(_ attempt: Attempt) {
        number = attempt.number
        outcome = attempt.outcome.rawValue
        tone =
            switch attempt.outcome {
            case .delivered: "good"
            case .retry: "warn"
            case .failed, .exhausted: "bad"
            }
        result = attempt.statusCode.map { "HTTP \($0)" } ?? attempt.errorClass ?? ""
        startedAt = attempt.startedAt.description
        error = attempt.error
        timing = Self.timing(attempt.timing).nonEmpty
        headers = Self.headers(attempt.headers).nonEmpty
        body = attempt.body.map { String(decoding: $0, as: UTF8.self) }?.nonEmpty
        truncated = attempt.isTruncated ? "The body was longer." : nil
    }

    /// `connect 1.2 ms · total 14.0 ms`; written by this program, so what cannot be read is left out.
    private static func timing(_ text: String) -> String {
        let members = (try? JSONValue(parsing: text))?.object ?? [:]
        return members.map { name, value in
            let tenths = ((value.int ?? 0) + 50) / 100
            return "\(name) \(tenths / 10).\(tenths % 10) ms"
        }.joined(separator: " · ")
    }

    private static func headers(_ text: String?) -> String {
        let pairs = text.flatMap { try? JSONValue(parsing: $0) }?.array ?? []
        return pairs.compactMap { pair in
            let parts = pair.array?.compactMap(\.string) ?? []
            return parts.count == 2 ? "\(parts[0]): \(parts[1])" : nil
        }.joined(separator: "\n")
    }
}

extension String {
    /// nil for an empty text: a section of a template is shown for every other.
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
