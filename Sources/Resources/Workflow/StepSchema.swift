internal import JSON

/// The fields of a step; steps hold steps, so they are a definition.
enum StepSchema {
    static let name = "Step"
    /// The name of a loop's element unless another one is given.
    static let defaultElement = "item"
    /// How deeply lists of steps may be nested.
    static let maximumDepth = 16
    static let steps = FieldType.list(.definition(name), ListRule(count: 0...1_000))
    static let definitions = [name: step]

    static let actions = [
        "http", "waitFor", "sleep", "switch", "parallel", "forEach", "call", "create", "update", "upsert",
        "find", "emit", "fail", "set",
    ]

    /// Fields that say how an action is carried out.
    static let fieldsOfActions = ["retry", "timeout", "continueOnError", "catch"]
    static let fields = Set(step.fields.map(\.name))

    private static let step = ObjectSchema(
        [
            Field("id", .string(.identifier), "The step's name in expressions.").required,
            Field("name", .string(.nonEmpty), "The step's name for people."),
            Field("if", .condition(.workflowStep), "The step is skipped unless it is true."),
            Field("retry", .object(retry), "When a failed attempt is repeated."),
            Field(
                "timeout", .duration(.milliseconds(100) ... .seconds(90 * 86_400)),
                "The bound on one attempt."),
            Field("continueOnError", .bool, "Whether the run goes on when the step fails.").byDefault(false),
            Field(
                "catch", .list(.object(handler), .nonEmpty),
                "What handles the step's error; the first that fits."),
            Field("outputs", values(.workflowResponse), "What later steps can see."),
            Field("http", .object(http), "Sends a request."),
            Field("waitFor", .object(waitFor), "Waits for a message, a callback or an event."),
            Field("sleep", .object(sleep), "Waits for a time."),
            Field("switch", .object(switchAction), "Takes the first case that is true."),
            Field("parallel", .object(parallel), "Runs branches side by side."),
            Field("forEach", .object(forEach), "Runs steps for each element of a list."),
            Field("call", .object(call), "Runs another workflow and waits for it."),
            Field("create", .object(record(.create)), "Makes a record."),
            Field("update", .object(record(.update)), "Changes a record."),
            Field("upsert", .object(record(.upsert)), "Changes a record, or makes it."),
            Field("find", .object(find), "Looks for a record."),
            Field("emit", .object(emit), "Makes an event."),
            Field(
                "fail",
                .object(
                    ObjectSchema([Field("message", .template(.workflowStep, .available), "Why.").required])),
                "Ends the run as failed."),
            Field("set", values(.workflowStep), "Computes values."),
        ], rules: [.atMostOne(actions)], synonyms: synonyms)

    private static let synonyms = [
        "uses": "a step has one of the actions \(quoted(actions, "or"))",
        "run": "a workflow runs no commands: send a request with `http`",
        "needs": "steps run one after the other; side by side in `parallel`",
        "with": "it belongs into `call`", "wait": "for a time it is `sleep`, for a message `waitFor`",
        "delay": "write `sleep: {for: …}`", "request": "write `http`", "foreach": "write `forEach`",
        "loop": "write `forEach`", "choose": "write `switch`", "when": "write `if`",
        "timeout-minutes": "write `timeout: 5m`", "continue-on-error": "write `continueOnError`",
        "on_error": "write `catch`, or `onFailure` for the whole workflow",
    ]

    private static func values(_ scope: ExpressionScope) -> FieldType {
        .map(key: .identifier, value: .tree(scope), MapRule(keepsOrder: true))
    }

    static let retry = ObjectSchema([
        Field("maxAttempts", .integer(1...100), "Attempts in all, the first one included.").byDefault(5),
        Field(
            "initialBackoff", .duration(.milliseconds(100) ... .seconds(3_600)),
            "The wait before the second attempt."
        ).byDefault("2s"),
        Field("multiplier", .number(1...10), "What each further wait is multiplied by.").byDefault(2),
        Field("maxBackoff", .duration(.milliseconds(100) ... .seconds(86_400)), "The longest wait.")
            .byDefault("1m"),
        Field("jitter", .number(0...1), "The share of a wait that is random.").byDefault(
            .number(JSONNumber(0.2)!)),
    ])

    private static let handler = ObjectSchema([
        Field("if", .condition(.workflowFailure), "Which errors it handles; all when it is absent."),
        Field("steps", steps, "What is done about the error."),
        Field("outputs", values(.workflowFailure), "What the step then has as outputs."),
    ])

    private static let http = ObjectSchema([
        Field(
            "method", .enumeration(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]), "The request's method."
        ).byDefault("POST"),
        Field(
            "url", .template(.workflowURL, .available),
            "The address; scheme and host are literal or one secret."
        ).required,
        Field(
            "headers",
            .map(
                key: .requestHeaderName, value: .template(.workflowRequest, .available),
                MapRule(keepsOrder: true, ignoresCase: true)),
            "Headers of the request; an `Idempotency-Key` takes the place of the step's own."),
        Field(
            "query", .map(key: .nonEmpty, value: .tree(.workflowRequest), MapRule(keepsOrder: true)),
            "Parameters behind the `?`."),
        Field("auth", .object(auth), "Credentials of the request."),
        Field("body", .tree(.workflowRequest), "What is sent, as JSON."),
        Field("expect", .condition(.workflowResponse), "Which answers are a success; 2xx unless set."),
        Field(
            "delivery", .enumeration(["atLeastOnce", "atMostOnce"]),
            "Whether a request whose outcome is unknown is sent again."
        )
        .byDefault("atLeastOnce"),
    ])

    private static let auth = ObjectSchema(
        [
            Field("bearer", .template(.workflowRequest, .available), "A bearer token."),
            Field(
                "basic",
                .object(
                    ObjectSchema([
                        Field("username", .template(.workflowRequest, .available), "The user name.").required,
                        Field("password", .template(.workflowRequest, .available), "The password.").required,
                    ])), "HTTP basic authentication."),
        ], rules: [.exactlyOne(["bearer", "basic"])])

    private static let waitFor = ObjectSchema(
        [
            Field("inbound", .reference(.inboundEndpoint), "The endpoint whose messages resume the run."),
            Field(
                "callback", .object(ObjectSchema([])),
                "A URL of its own, `callbacks.<id>.url`, resumes the run."),
            Field("event", .eventPattern, "The event that resumes the run."),
            Field(
                "key", .expression(.workflowStep, .key),
                "The message's correlation key; for events the record's id unless set."),
            Field("match", .condition(.workflowMessage), "Which messages count."),
            Field(
                "anyOf",
                .map(key: .identifier, value: .condition(.workflowMessage), MapRule(keepsOrder: true)),
                "Named conditions; `which` is the first that is true."),
            Field("timeout", .duration(.milliseconds(100) ... .seconds(90 * 86_400)), "How long to wait."),
            Field("onTimeout", .enumeration(["fail", "continue"]), "What then happens.").byDefault("fail"),
        ],
        rules: [
            .exactlyOne(["inbound", "callback", "event"]), .atMostOne(["match", "anyOf"]),
            .atMostOne(["callback", "key"]), .needs("inbound", "key"), .needs("onTimeout", "timeout"),
        ])

    private static let sleep = ObjectSchema(
        [
            Field("for", .duration(.milliseconds(100) ... .seconds(90 * 86_400)), "How long."),
            Field("until", .expression(.workflowStep, .time), "The time at which to go on."),
        ], rules: [.exactlyOne(["for", "until"])])

    private static let switchAction = ObjectSchema([
        Field(
            "cases",
            .list(
                .object(
                    ObjectSchema([
                        Field("if", .condition(.workflowStep), "When the case is taken.").required,
                        Field("steps", steps, "What is then done.").required,
                    ])), .nonEmpty), "The first that is true is taken."
        ).required,
        Field("default", steps, "What is done when no case is true."),
    ])

    private static let parallel = ObjectSchema([
        Field(
            "branches", .map(key: .identifier, value: steps, MapRule(count: 1...100, keepsOrder: true)),
            "Steps by the branch's name."
        ).required,
        Field("failFast", .bool, "Whether a failed branch ends the others.").byDefault(true),
    ])

    private static let forEach = ObjectSchema([
        Field("items", .expression(.workflowStep, .list), "The list.").required,
        Field("as", .string(.identifier), "The element's name in expressions.").byDefault(
            .string(defaultElement)),
        Field("concurrency", .integer(1...100), "Elements that are worked on at once.").byDefault(1),
        Field("failFast", .bool, "Whether a failed element ends the others.").byDefault(true),
        Field("steps", steps, "What is done with each element.").required,
    ])

    private static let call = ObjectSchema([
        Field("workflow", .reference(.workflow), "The workflow.").required,
        Field("with", values(.workflowStep), "Its inputs."),
    ])

    private enum RecordAction {
        case create, update, upsert
    }

    private static let recordType = FieldType.enumeration(RecordType.allCases.map { EnumCase($0.rawValue) })
    private static let match = Field(
        "match", .map(key: .identifier, value: .tree(.workflowStep), MapRule(keepsOrder: true)),
        "Fields and the values that the record has.")

    private static func record(_ action: RecordAction) -> ObjectSchema {
        var fields = [
            Field("record", recordType, "The record's type.").required,
            Field("set", values(.workflowStep), "Fields and their new values.").required,
        ]
        guard action != .create else { return ObjectSchema(fields) }
        fields += [Field("id", .template(.workflowStep, .available), "The record's id or key."), match]
        if action == .upsert {
            fields.append(Field("onCreate", values(.workflowStep), "More fields for a new record."))
        }
        return ObjectSchema(fields, rules: [.exactlyOne(["id", "match"])])
    }

    private static let find = ObjectSchema([
        Field("record", recordType, "The record's type.").required, match.required,
    ])

    private static let emit = ObjectSchema([
        Field("type", .eventType, "A type of the catalogue or `custom.<name>`.").required,
        Field("data", .tree(.workflowStep), "The event's data, an object.").required,
    ])
}
