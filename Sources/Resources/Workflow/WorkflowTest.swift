package import JSON

extension KindSchema {
    static let workflowTest = KindSchema(
        kind: .workflowTest,
        doc: "Sample events and expectations for a workflow; run by `zentra-sync test`, never applied.",
        spec: ObjectSchema([
            Field("workflow", .reference(.workflow), "The workflow that is tested.").required,
            Field("cases", .list(.object(testCase), .nonEmpty), "Each is a run from its start.").required,
        ]))

    private static let testCase = ObjectSchema(
        [
            Field("name", .string(.nonEmpty), "What the case shows.").required,
            Field("event", .object(event), "The event that starts the run."),
            Field("inputs", .tree(nil), "The inputs of a manual start."),
            Field(
                "records", .map(key: .recordKey, value: .tree(nil), MapRule()),
                "Records that are there before, by `type/id`; the one that the event is about always is."),
            Field(
                "mocks",
                .map(
                    key: .identifier, value: .union([.object(mock), .list(.object(mock), .nonEmpty)]),
                    MapRule()),
                "Answers to requests, by step; of a list each attempt takes the next, the last one stays."),
            Field("inbound", .list(.object(message), .any), "What arrives while it runs."),
            Field("expect", .object(expectation), "What is true at the end.").required,
            Field(
                "crash", .enumeration(["never", "everywhere"]),
                "`everywhere` repeats the case, killing the engine after every commit."
            )
            .byDefault("never"),
        ], rules: [.exactlyOne(["event", "inputs"])])

    private static let event = ObjectSchema([
        Field("event", .string(.nonEmpty), "The event's type; `inbound.<endpoint>` for an inbound trigger.")
            .required,
        Field("data", .tree(nil), "The event's data.").required,
        Field("changed", .list(.string(.nonEmpty), .any), "The fields that changed."),
        Field("previous", .tree(nil), "Their values before."),
        Field(
            "headers", .map(key: .headerName, value: .string(.any), MapRule()),
            "Headers of an inbound request."),
    ])

    private static let mock = ObjectSchema(
        [
            Field("status", .integer(100...599), "The answer's status."),
            Field(
                "headers", .map(key: .headerName, value: .string(.any), MapRule()), "The answer's headers."),
            Field("body", .tree(nil), "The answer's body."),
            Field(
                "delay", .duration(.milliseconds(0) ... .seconds(90 * 86_400)), "How long the answer takes."
            ).byDefault("0s"),
            Field("error", .enumeration(["network", "timeout"]), "No answer comes."),
        ], rules: [.exactlyOne(["status", "error"])])

    private static let message = ObjectSchema(
        [
            Field(
                "at", .duration(.milliseconds(0) ... .seconds(90 * 86_400)),
                "When it arrives, from the start of the run."
            ).byDefault("0s"),
            Field("endpoint", .reference(.inboundEndpoint), "The endpoint that it arrives at."),
            Field("callback", .string(.identifier), "The step whose callback URL is called."),
            Field("event", .eventType, "The type of an event that happens."),
            Field("data", .tree(nil), "The body, or the event's data.").required,
            Field(
                "headers", .map(key: .headerName, value: .string(.any), MapRule()), "The message's headers."),
        ], rules: [.exactlyOne(["endpoint", "callback", "event"])])

    private static let request = ObjectSchema([
        Field("method", .string(.nonEmpty), "The method."),
        Field("url", .string(.nonEmpty), "The address with its query."),
        Field(
            "headers", .map(key: .headerName, value: .string(.any), MapRule()), "Some of the headers."),
        Field("body", .tree(nil), "Of an object the members that are named, of anything else all of it."),
    ])

    private static let expectation = ObjectSchema([
        Field(
            "status", .enumeration(["succeeded", "failed", "cancelled", "refused", "paused", "waiting"]),
            "The run's state."),
        Field(
            "steps",
            .map(
                key: .identifier,
                value: .enumeration(["succeeded", "failed", "skipped", "cancelled", "pending"]), MapRule()),
            "The steps' states."),
        Field(
            "outputs", .map(key: .identifier, value: .tree(nil), MapRule()), "The steps' outputs, by step."),
        Field(
            "requests", .map(key: .identifier, value: .object(request), MapRule()),
            "What the steps' requests sent, by step: what is named of it; secrets as `secret:<name>`."),
        Field(
            "records", .map(key: .recordKey, value: .tree(nil), MapRule()),
            "Fields of records, by `type/id` or `type/field=value`; null where there must be none."),
        Field("events", .list(.eventType, .any), "The types of the events that were caused, in order."),
    ])
}

/// `WorkflowTest.spec`. The cases keep their form; the test runner reads them.
package struct WorkflowTestSpec: Sendable, Hashable {
    package struct Case: Sendable, Hashable {
        package let name: String
        /// `event`, `changed`, `previous`, `data`, `headers` as they are sent.
        package let event: JSONObject?
        package let inputs: JSONValue?
        /// Fields of records that are there before, by ``TestRecordKey``.
        package let records: JSONObject
        /// By step; each attempt takes the next, the last one stays.
        package let mocks: [String: [Mock]]
        package let inbound: [Message]
        package let expect: JSONObject
        package let crashesEverywhere: Bool
    }

    /// The answer to a step's request.
    package struct Mock: Sendable, Hashable {
        /// nil when no answer comes.
        package let status: Int?
        package let headers: JSONObject
        package let body: JSONValue?
        package let delay: Duration
        package let error: String?
    }

    /// What arrives while the run is under way.
    package struct Message: Sendable, Hashable {
        package enum Target: Sendable, Hashable {
            /// The name of an endpoint.
            case endpoint(String)
            /// The step that waits for its callback.
            case callback(step: String)
            /// No message but an event of that type.
            case event(type: String)
        }

        package let at: Duration
        package let target: Target
        package let data: JSONValue
        package let headers: JSONObject
    }

    package let workflow: String
    package let cases: [Case]
}

extension WorkflowTestSpec: SpecDecodable {
    init(_ spec: SpecReader) throws(SpecError) {
        workflow = try spec.string("workflow")
        cases = try spec.objects("cases").map { (value) throws(SpecError) in try Case(value) }
    }
}

extension WorkflowTestSpec.Case {
    init(_ value: SpecReader) throws(SpecError) {
        name = try value.string("name")
        event = value.members["event"]?.object
        inputs = value.members["inputs"]
        records = value.tree("records")
        var mocks: [String: [WorkflowTestSpec.Mock]] = [:]
        for (step, answers) in value.tree("mocks") {
            mocks[step] = try (answers.array ?? [answers]).map { (answer) throws(SpecError) in
                try WorkflowTestSpec.Mock(value.nested("mocks", answer))
            }
        }
        self.mocks = mocks
        inbound = try value.objects("inbound").map { (message) throws(SpecError) in
            WorkflowTestSpec.Message(
                at: try message.duration("at"), target: try WorkflowTestSpec.Message.Target(message),
                data: message.members["data"] ?? .null, headers: message.tree("headers"))
        }
        expect = value.tree("expect")
        crashesEverywhere = try value.string("crash") == "everywhere"
    }
}

extension WorkflowTestSpec.Mock {
    init(_ mock: SpecReader) throws(SpecError) {
        status = try mock.optionalInt("status")
        headers = mock.tree("headers")
        body = mock.members["body"]
        delay = try mock.duration("delay")
        error = try mock.optionalString("error")
    }
}

extension WorkflowTestSpec.Message.Target {
    init(_ message: SpecReader) throws(SpecError) {
        if let endpoint = try message.optionalString("endpoint") {
            self = .endpoint(endpoint)
        } else if let step = try message.optionalString("callback") {
            self = .callback(step: step)
        } else {
            self = .event(type: try message.string("event"))
        }
    }
}
