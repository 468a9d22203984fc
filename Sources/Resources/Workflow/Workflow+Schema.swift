internal import JSON

extension KindSchema {
    static let workflow = KindSchema(
        kind: .workflow,
        doc: "What happens on an event: branch, call, wait, change records.",
        spec: ObjectSchema(
            [
                Field("triggers", .list(.object(trigger), .nonEmpty), "What starts a run.").required,
                Field("concurrency", .object(concurrency), "How many runs may be under way for each key."),
                Field(
                    "dedupe", .object(dedupe),
                    "Events with a key that was seen within the window start nothing."),
                Field("rateLimit", .rate, "The rate of starts; what is above it waits."),
                Field(
                    "timeout", .duration(.seconds(1) ... .seconds(90 * 86_400)), "The bound on a whole run."
                )
                .byDefault("90d"),
                Field(
                    "vars", .map(key: .identifier, value: .tree(.workflowStart), MapRule(keepsOrder: true)),
                    "Values that are computed once, when the run starts."),
                Field("steps", StepSchema.steps, "What is done, one after the other.").required,
                Field("onFailure", StepSchema.steps, "Steps for a run that failed; `error` says why."),
                Field("finally", StepSchema.steps, "Steps at the end of every run."),
                Field("loops", .object(loops), "How far workflows may set each other off."),
                Field(
                    "onExhausted", .enumeration(["fail", "pause"]),
                    "What a step without attempts left does to its run; `pause` waits for a person."
                )
                .byDefault("fail"),
                Field(
                    "rollout", .enumeration(["keep", "cancel"]),
                    "What happens to runs in flight when the workflow changes."
                ).byDefault("keep"),
            ], synonyms: synonyms),
        definitions: StepSchema.definitions)

    private static let synonyms = [
        "on": "write `triggers:`, a list", "trigger": "write `triggers:`, a list",
        "jobs": "a workflow has `steps`", "env": "values are in `vars`, secrets in `SecretReference`s",
        "inputs": "they belong to a trigger: `- manual: {inputs: {…}}`",
        "outputs": "steps have outputs, a workflow has none", "onError": "write `onFailure`",
    ]

    private static let trigger = ObjectSchema(
        [
            Field("event", .eventPattern, "An event type, `prefix.*`, or `*`."),
            Field("inbound", .reference(.inboundEndpoint), "The endpoint whose requests start a run."),
            Field(
                "schedule",
                .object(
                    ObjectSchema([
                        Field("cron", .string(.cron), "Minute, hour, day of month, month, day of week.")
                            .required,
                        Field("timeZone", .string(.timeZone), "The zone in which the times are meant.")
                            .byDefault("UTC"),
                    ])), "Times at which runs start."),
            Field(
                "manual",
                .object(
                    ObjectSchema([
                        Field(
                            "inputs", .map(key: .identifier, value: .object(input), MapRule()),
                            "What the caller gives.")
                    ])),
                "Runs are started through the API."),
            Field("if", .condition(.workflowStart), "Only when it is true does a run start."),
        ], rules: [.exactlyOne(["event", "inbound", "schedule", "manual"])])

    private static let input = ObjectSchema([
        Field(
            "type", .enumeration(InputType.allCases.map { EnumCase($0.rawValue) }), "The input's type."
        ).required,
        Field("required", .bool, "Whether the caller must give it.").byDefault(true),
        Field("default", .tree(nil), "The value when the caller gives none."),
        Field("description", .string(.any), "What the input means."),
    ])

    private static let concurrency = ObjectSchema([
        Field("key", .expression(.workflowStart, .key), "Runs with the same key count together.").required,
        Field("limit", .integer(1...1_000), "Runs that may be under way at once.").byDefault(1),
        Field(
            "onConflict", .enumeration(WorkflowSpec.Conflict.allCases.map { EnumCase($0.rawValue) }),
            "What happens to a start above the limit."
        ).byDefault("queue"),
    ])

    private static let dedupe = ObjectSchema([
        Field("key", .expression(.workflowStart, .key), "What makes two events the same.").required,
        Field("window", .duration(.seconds(1) ... .seconds(30 * 86_400)), "How long a key is remembered.")
            .byDefault("24h"),
    ])

    private static let loops = ObjectSchema([
        Field("maxDepth", .integer(1...64), "Runs that may cause each other in a row.").byDefault(8),
        Field(
            "allowSelf", .bool,
            "Whether an event of its own chain may start the workflow for the same record."
        ).byDefault(false),
    ])
}
