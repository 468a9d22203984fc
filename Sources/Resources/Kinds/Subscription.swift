package import JSON

extension KindSchema {
    static let subscription = KindSchema(
        kind: .subscription,
        doc: "Events that are delivered to a URL as signed webhooks.",
        spec: ObjectSchema(
            [
                Field("targetURL", .url, "Where events are POSTed to."),
                Field(
                    "targetURLFrom",
                    .object(
                        ObjectSchema([
                            Field("secretRef", .reference(.secretReference), "The secret that holds the URL.")
                                .required
                        ])),
                    "Where events are POSTed to, when the URL itself is the secret."),
                Field(
                    "events", .list(.eventPattern, .set),
                    "The events that are delivered: types of the catalogue, `prefix.*`, or `*`."
                ).required,
                Field(
                    "filter", .condition(.subscriptionFilter),
                    "Only events for which it is true are delivered."
                ),
                Field("signing", .object(signing), "How requests are signed.").required,
                Field(
                    "headers",
                    .map(
                        key: .deliveryHeaderName, value: .template(.subscriptionHeader, .available),
                        MapRule(keepsOrder: true, ignoresCase: true)),
                    "More headers for each request."),
                Field("body", .tree(.subscriptionBody), "A payload that replaces the standard one."),
                Field("retry", .object(retry), "When failed attempts are repeated."),
                Field(
                    "timeout", .duration(.milliseconds(100) ... .seconds(300)),
                    "The bound on the whole exchange."
                ).byDefault("15s"),
                Field("maxInFlight", .integer(1...1_000), "Requests that may be under way at once.")
                    .byDefault(16),
                Field(
                    "maxPending", .integer(1...100_000_000),
                    "Deliveries that may wait; beyond it the oldest become `expired`."
                ).byDefault(1_000_000),
                Field("rateLimit", .rate, "Attempts for each period, with a burst of one second's worth."),
                Field(
                    "order", .enumeration(["none", "perKey"]),
                    "`perKey` delivers one at a time and in order for each key."
                )
                .byDefault("none"),
                Field("orderKey", .expression(.subscriptionOrderKey, .key), "The key that keeps its order."),
                Field(
                    "circuitBreaker", .union([.off, .object(circuitBreaker)]),
                    "Stops asking a receiver that fails; `false` turns it off."
                ),
                Field("deliveryLog", .object(deliveryLog), "What is kept of each attempt."),
                Field("tls", .object(tls), "Certificates of a private authority or for mutual TLS."),
                Field("suspend", .bool, "`true` keeps queueing and stops sending.").byDefault(false),
            ],
            rules: [
                .exactlyOne(["targetURL", "targetURLFrom"]),
                .requiredWith("orderKey", other: "order", values: ["perKey"]),
                .onlyWith("orderKey", other: "order", values: ["perKey"]),
            ]))

    private static let signing = ObjectSchema([
        Field("secretRef", .reference(.secretReference), "The secret that signs.").required,
        Field(
            "previousSecretRef", .reference(.secretReference),
            "The secret before the last rotation; a second signature is sent while it is set."
        ),
        Field(
            "scheme", .enumeration(["zentra", EnumCase("standard-webhooks")]),
            "The headers and the form of the signature."
        ).byDefault("zentra"),
    ])

    private static let retry = ObjectSchema([
        Field("maxAttempts", .integer(1...100), "Attempts in all, the first one included.").byDefault(15),
        Field(
            "initialBackoff", .duration(.milliseconds(100) ... .seconds(3_600)),
            "The wait before the second attempt."
        ).byDefault("5s"),
        Field("multiplier", .number(1...10), "What each further wait is multiplied by.").byDefault(3),
        Field("maxBackoff", .duration(.milliseconds(100) ... .seconds(86_400)), "The longest wait.")
            .byDefault("4h"),
        Field("jitter", .number(0...1), "The share of a wait that is random.").byDefault(
            .number(JSONNumber(0.2)!)),
        Field(
            "retryStatus",
            .list(
                .integer(400...499),
                ListRule(count: 0...100, isSet: true, idle: [410: "the receiver is gone"])),
            "Answers from 400 to 499 that are retried all the same; 410 never is."
        ).byDefault([]),
    ])

    private static let circuitBreaker = ObjectSchema([
        Field("failureRate", .number(0.01...1), "The share of failures that opens it.").byDefault(
            .number(JSONNumber(0.5)!)),
        Field("minimum", .integer(1...100_000), "Attempts within the window before it may open.").byDefault(
            20),
        Field("window", .duration(.seconds(1) ... .seconds(3_600)), "The time that is looked at.").byDefault(
            "1m"),
        Field(
            "cooldown", .duration(.seconds(1) ... .seconds(86_400)),
            "How long it stays open before one attempt is made."
        ).byDefault("30s"),
    ])

    private static let deliveryLog = ObjectSchema([
        Field("keep", .integer(0...100_000), "Finished deliveries whose attempts are kept.").byDefault(1_000),
        Field("bodyLimit", .byteCount(ByteCount(0) ... .mebibytes(1)), "Bytes kept of each response body.")
            .byDefault("16KiB"),
    ])

    private static let tls = ObjectSchema(
        [
            Field("caRef", .reference(.secretReference), "The certificates to trust, as PEM."),
            Field(
                "clientCertificateRef", .reference(.secretReference),
                "The client's certificate chain, as PEM."),
            Field("clientKeyRef", .reference(.secretReference), "The client's key, as PEM."),
        ], rules: [.together(["clientCertificateRef", "clientKeyRef"])])
}

extension StringRule {
    /// A header that a subscription may set: not those that frame the request, and none of ours.
    static let deliveryHeaderName = StringRule(
        "an HTTP header name other than `Host`, `Connection`, `Content-Length` and the like, `X-Zentra-*` and `webhook-*`",
        pattern:
            "^(?!(?:\(anyCase(reservedHeaders)))$|(?:\(anyCase(["x-zentra-", "webhook-"]))))[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
    ) { name in
        let lower = name.lowercased()
        return headerName.accepts(name) && !reservedHeaders.contains(lower)
            && !lower.hasPrefix("x-zentra-") && !lower.hasPrefix("webhook-")
    }

    /// A header that a request of a workflow may have: not those that frame it.
    static let requestHeaderName = StringRule(
        "an HTTP header name other than `Host`, `Connection`, `Content-Length` and the like",
        pattern: "^(?!(?:\(anyCase(reservedHeaders)))$)[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
    ) { name in
        headerName.accepts(name) && !reservedHeaders.contains(name.lowercased())
    }

    /// What the client itself decides about each request.
    private static let reservedHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection",
        "proxy-authorization", "te", "trailer", "upgrade", "expect", "http2-settings", "accept-encoding",
    ]

    /// Alternatives of a regular expression that are the same in any case; ECMA 262 has no flag within a pattern.
    private static func anyCase(_ words: [String]) -> String {
        words.map { word in
            word.map { $0.isLetter ? "[\($0.uppercased())\($0)]" : String($0) }.joined()
        }.joined(separator: "|")
    }
}

/// `Subscription.spec` with its defaults.
package struct SubscriptionSpec: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        case url(String)
        /// The secret that holds the URL.
        case secretRef(String)
    }

    package enum Scheme: String, Sendable {
        case zentra
        case standardWebhooks = "standard-webhooks"
    }

    package struct Signing: Sendable, Hashable {
        package let secretRef: String
        package let previousSecretRef: String?
        package let scheme: Scheme
    }

    package struct Header: Sendable, Hashable {
        package let name: String
        /// May hold `${ }`.
        package let value: String
    }

    package enum Order: Sendable, Hashable {
        case none
        /// One at a time for each value of the expression.
        case perKey(String)
    }

    package struct CircuitBreaker: Sendable, Hashable {
        package let failureRate: Double
        package let minimum: Int
        package let window: Duration
        package let cooldown: Duration

        package init(failureRate: Double, minimum: Int, window: Duration, cooldown: Duration) {
            self.failureRate = failureRate
            self.minimum = minimum
            self.window = window
            self.cooldown = cooldown
        }
    }

    package struct DeliveryLog: Sendable, Hashable {
        package let keep: Int
        package let bodyLimit: ByteCount
    }

    package struct TLS: Sendable, Hashable {
        package let caRef: String?
        package let clientCertificateRef: String?
        package let clientKeyRef: String?
    }

    package let target: Target
    package let events: [EventPattern]
    package let filter: String?
    package let signing: Signing
    package let headers: [Header]
    /// The payload's tree; nil is the standard payload.
    package let body: JSONValue?
    package let retry: RetryPolicy
    /// The 4xx answers that are retried all the same.
    package let retryStatus: Set<Int>
    package let timeout: Duration
    package let maxInFlight: Int
    package let maxPending: Int
    package let rateLimit: Rate?
    package let order: Order
    /// nil when it is turned off.
    package let circuitBreaker: CircuitBreaker?
    package let deliveryLog: DeliveryLog
    package let tls: TLS?
    package let suspend: Bool

    /// Whether the subscription names the type; the filter is another question.
    package func matches(_ type: String) -> Bool { events.contains { $0.matches(type) } }
}
