package import JSON

extension KindSchema {
    static let workflowTest = KindSchema(
        kind: .workflowTest,
        doc: "Sample events and expectations for a workflow; run by `zentra-sync test`, never applied.",
        spec: ObjectSchema([
            Field("workflow", .reference(.workflow), "The workflow that is tested.").required,
            Field("cases", .list(.object(testCase), .nonEmpty), "Each is a run from its start.").required,
        ]),
        availability: .planned)

    private static let testCase = ObjectSchema(
        [
            Field("name", .string(.nonEmpty), "What the case shows.").required,
            Field("event", .object(event), "The event that starts the run."),
            Field("inputs", .tree(nil), "The inputs of a manual start."),
            Field(
                "mocks", .map(key: .identifier, value: .object(mock), MapRule()),
                "Answers to requests, by step."),
            Field("inbound", .list(.object(message), .any), "Messages that arrive while it runs."),
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

    private static let message = ObjectSchema([
        Field(
            "at", .duration(.milliseconds(0) ... .seconds(90 * 86_400)),
            "When it arrives, from the start of the run."
        ).byDefault("0s"),
        Field("endpoint", .reference(.inboundEndpoint), "Where it arrives.").required,
        Field("data", .tree(nil), "The message's body.").required,
        Field("headers", .map(key: .headerName, value: .string(.any), MapRule()), "The message's headers."),
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
            "records", .map(key: .nonEmpty, value: .tree(nil), MapRule()), "Fields of records, by `type/id`."),
        Field(
            "events", .list(.string(.nonEmpty), .any), "The types of the events that were caused, in order."),
    ])
}

/// `WorkflowTest.spec`. The cases keep their form; the test runner reads them.
package struct WorkflowTestSpec: Sendable, Hashable {
    package struct Case: Sendable, Hashable {
        package let name: String
        /// `event`, `changed`, `previous`, `data`, `headers` as they are sent.
        package let event: JSONObject?
        package let inputs: JSONValue?
        package let mocks: [String: Mock]
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

    package struct Message: Sendable, Hashable {
        package let at: Duration
        package let endpoint: String
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
        var mocks: [String: WorkflowTestSpec.Mock] = [:]
        for (step, mock) in try value.entries("mocks") {
            mocks[step] = WorkflowTestSpec.Mock(
                status: try mock.optionalInt("status"), headers: mock.tree("headers"),
                body: mock.members["body"],
                delay: try mock.duration("delay"), error: try mock.optionalString("error"))
        }
        self.mocks = mocks
        inbound = try value.objects("inbound").map { (message) throws(SpecError) in
            WorkflowTestSpec.Message(
                at: try message.duration("at"), endpoint: try message.string("endpoint"),
                data: message.members["data"] ?? .null,
                headers: message.tree("headers"))
        }
        expect = value.tree("expect")
        crashesEverywhere = try value.string("crash") == "everywhere"
    }
}
