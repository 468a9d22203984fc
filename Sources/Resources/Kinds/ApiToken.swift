extension KindSchema {
    static let apiToken = KindSchema(
        kind: .apiToken,
        doc: "A caller of the REST API and what it may do.",
        spec: ObjectSchema([
            Field("secretRef", .reference(.secretReference), "The secret that holds the bearer token.")
                .required,
            Field(
                "previousSecretRef", .reference(.secretReference),
                "The secret that holds the token before the last rotation; both are accepted."),
            Field(
                "scopes", .list(.enumeration(Scope.allCases.map { EnumCase($0.rawValue) }), .set),
                "What the token may do; `admin` is everything."
            ).required,
        ]))
}

/// What a token may do.
package enum Scope: String, Sendable, CaseIterable {
    case eventsWrite = "events:write"
    case eventsRead = "events:read"
    case recordsRead = "records:read"
    case recordsWrite = "records:write"
    case deliveriesRead = "deliveries:read"
    case deliveriesWrite = "deliveries:write"
    case runsRead = "runs:read"
    case runsWrite = "runs:write"
    case configRead = "config:read"
    case syncWrite = "sync:write"
    case admin
}

/// `ApiToken.spec`.
package struct ApiTokenSpec: Sendable, Hashable {
    package let secretRef: String
    package let previousSecretRef: String?
    package let scopes: [Scope]
}

extension ApiTokenSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        secretRef = try spec.string("secretRef")
        previousSecretRef = try spec.optionalString("previousSecretRef")
        scopes = try spec.strings("scopes").compactMap(Scope.init(rawValue:))
    }
}
