internal import JSON

extension KindSchema {
    static let inboundEndpoint = KindSchema(
        kind: .inboundEndpoint,
        doc: "A URL under `/api/webhooks/` that accepts POSTs from another system.",
        spec: ObjectSchema(
            [
                Field(
                    "type", .enumeration(["generic", "email"]),
                    "`generic` takes JSON, forms and text; `email` takes SendGrid Inbound Parse and makes tickets."
                )
                .byDefault("generic"),
                Field("verify", .object(verify), "How a request proves where it comes from; exactly one way.")
                    .required,
                Field(
                    "maxBody", .byteCount(ByteCount(1) ... .mebibytes(64)),
                    "The largest body that is accepted; `1MiB`, for e-mail `30MiB`, unless set."),
                Field(
                    "messageId", .expression(.inbound, .key),
                    "The sender's id of the message; a repeated one is answered and not processed again."),
                Field(
                    "dedupeWindow", .duration(.seconds(1) ... .seconds(30 * 86_400)),
                    "How long a message id is remembered."
                ).byDefault("24h"),
                Field(
                    "correlation",
                    .object(
                        ObjectSchema([
                            Field(
                                "key", .expression(.inbound, .key), "The key that a waiting run is found by."
                            )
                            .required,
                            Field(
                                "retain", .duration(.seconds(1) ... .seconds(90 * 86_400)),
                                "How long a message is kept although no run waits for it yet."
                            ).byDefault("24h"),
                        ])), "Resumes the runs that wait for this key."),
                Field("ticket", .object(ticket), "Defaults for the tickets that mails create."),
                Field(
                    "reply", .enumeration(["threads", "new"]),
                    "Whether a mail that answers an earlier one becomes a comment or a new ticket."
                )
                .byDefault("threads"),
            ],
            rules: [
                // A mail is known by its Message-ID, and answers a ticket, not a run.
                .onlyWith("messageId", other: "type", values: ["generic"]),
                .onlyWith("correlation", other: "type", values: ["generic"]),
                .onlyWith("ticket", other: "type", values: ["email"]),
                .onlyWith("reply", other: "type", values: ["email"]),
            ]),
        reservedNames: ["callbacks"])

    private static let previousSecretRef = Field(
        "previousSecretRef", .reference(.secretReference),
        "The secret before the last rotation; both are accepted.")

    private static let verify = ObjectSchema(
        [
            Field(
                "sharedSecret",
                .object(
                    ObjectSchema([
                        Field("header", .string(.headerName), "The header that holds the secret.").required,
                        Field("secretRef", .reference(.secretReference), "The secret.").required,
                        previousSecretRef,
                    ])), "A header that holds the secret itself."),
            Field(
                "hmac",
                .object(
                    ObjectSchema([
                        Field("header", .string(.headerName), "The header that holds the signature.")
                            .required,
                        Field("prefix", .string(.any), "What stands before the signature, such as `sha256=`.")
                            .byDefault(""),
                        Field("encoding", .enumeration(["hex", "base64"]), "How the signature is written.")
                            .byDefault("hex"),
                        Field("secretRef", .reference(.secretReference), "The key of the HMAC-SHA256.")
                            .required,
                        previousSecretRef,
                    ])), "HMAC-SHA256 of the raw body."),
            Field(
                "preset",
                .object(
                    ObjectSchema([
                        Field(
                            "name",
                            .enumeration(InboundEndpointSpec.Preset.allCases.map { EnumCase($0.rawValue) }),
                            "The sender."
                        ).required,
                        Field(
                            "secretRef", .reference(.secretReference), "The secret that the sender gave out."
                        ).required,
                        previousSecretRef,
                    ])), "The signature of a known sender, with its time stamp where it has one."),
            Field(
                "basic",
                .object(
                    ObjectSchema([
                        Field("username", .string(.nonEmpty), "The user name.").required,
                        Field("secretRef", .reference(.secretReference), "The password.").required,
                        previousSecretRef,
                    ])), "HTTP basic authentication, for senders that can only put credentials into the URL."),
            Field(
                "sendgridSignature",
                .object(
                    ObjectSchema([
                        Field(
                            "publicKeyRef", .reference(.secretReference),
                            "The public key that SendGrid shows."
                        ).required,
                        Field(
                            "previousPublicKeyRef", .reference(.secretReference),
                            "The public key before the last rotation."),
                    ])), "SendGrid's ECDSA signature."),
        ],
        rules: [.exactlyOne(["sharedSecret", "hmac", "preset", "basic", "sendgridSignature"])])

    private static let ticket = ObjectSchema([
        Field("type", .enumeration(EventCatalog.ticketTypes.map { EnumCase($0) }), "The ticket's type.")
            .byDefault("incident"),
        Field(
            "priority", .enumeration(EventCatalog.ticketPriorities.map { EnumCase($0) }),
            "The ticket's priority."
        ).byDefault("medium"),
        Field("category", .nullable(.string(.nonEmpty)), "The ticket's category."),
        Field("team_id", .nullable(.string(.nonEmpty)), "The team that gets the ticket."),
    ])
}

/// `InboundEndpoint.spec`.
package struct InboundEndpointSpec: Sendable, Hashable {
    package enum Preset: String, Sendable, CaseIterable {
        case github, gitlab, stripe, slack, shopify, pagerduty
        case standardWebhooks = "standard-webhooks"
    }

    package enum Encoding: String, Sendable {
        case hex, base64
    }

    /// The names of the secrets to verify with, the newest first.
    package struct Secrets: Sendable, Hashable {
        package let current: String
        package let previous: String?
    }

    package enum Verification: Sendable, Hashable {
        case sharedSecret(header: String, Secrets)
        case hmac(header: String, prefix: String, encoding: Encoding, Secrets)
        case preset(Preset, Secrets)
        case basic(username: String, Secrets)
        case sendgridSignature(publicKeys: Secrets)
    }

    package struct Correlation: Sendable, Hashable {
        package let key: String
        package let retain: Duration
    }

    /// What e-mail becomes.
    package struct Ticket: Sendable, Hashable {
        package let type: String
        package let priority: String
        package let category: String?
        package let teamID: String?
    }

    package enum Form: Sendable, Hashable {
        case generic
        case email(Ticket, threads: Bool)
    }

    package let form: Form
    package let verification: Verification
    package let maxBody: ByteCount
    package let messageID: String?
    package let dedupeWindow: Duration
    package let correlation: Correlation?
}

extension InboundEndpointSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        let isEmail = try spec.string("type") == "email"
        if isEmail {
            form = .email(try Ticket(spec.object("ticket")), threads: try spec.string("reply") == "threads")
        } else {
            form = .generic
        }
        verification = try Verification(spec.object("verify"))
        maxBody = try spec.optionalByteCount("maxBody") ?? .mebibytes(isEmail ? 30 : 1)
        messageID = try spec.optionalString("messageId")
        dedupeWindow = try spec.duration("dedupeWindow")
        correlation = try spec.optionalObject("correlation").map { (correlation) throws(SpecError) in
            Correlation(key: try correlation.string("key"), retain: try correlation.duration("retain"))
        }
    }
}

extension InboundEndpointSpec.Ticket {
    init(_ ticket: SpecReader) throws(SpecError) {
        type = try ticket.string("type")
        priority = try ticket.string("priority")
        category = try ticket.optionalString("category")
        teamID = try ticket.optionalString("team_id")
    }
}

extension InboundEndpointSpec.Verification {
    init(_ verify: SpecReader) throws(SpecError) {
        if let way = try verify.optionalObject("sharedSecret") {
            self = .sharedSecret(header: try way.string("header"), try .init(way))
        } else if let way = try verify.optionalObject("hmac") {
            self = .hmac(
                header: try way.string("header"), prefix: try way.string("prefix"),
                encoding: try way.enumeration("encoding"),
                try .init(way))
        } else if let way = try verify.optionalObject("preset") {
            self = .preset(try way.enumeration("name"), try .init(way))
        } else if let way = try verify.optionalObject("basic") {
            self = .basic(username: try way.string("username"), try .init(way))
        } else {
            let way = try verify.object("sendgridSignature")
            self = .sendgridSignature(
                publicKeys: .init(
                    current: try way.string("publicKeyRef"),
                    previous: try way.optionalString("previousPublicKeyRef")))
        }
    }
}

extension InboundEndpointSpec.Secrets {
    init(_ way: SpecReader) throws(SpecError) {
        current = try way.string("secretRef")
        previous = try way.optionalString("previousSecretRef")
    }
}
