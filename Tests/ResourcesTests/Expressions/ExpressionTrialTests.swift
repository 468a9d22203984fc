import JSON
import Resources
import Testing

/// What `zentra-sync eval` says.
struct ExpressionTrialTests {
    private static let event: JSONValue = [
        "event": "ticket.created", "id": "evt_1", "ts": "2026-05-05T11:45:07Z",
        "data": [
            "id": "tkt_1", "key": "INC-41", "priority": "high", "custom": ["n": 3, "tags": ["a", "b"]],
        ],
        "changed": ["priority"], "previous": ["priority": "low"],
    ]

    private func evaluate(
        _ source: String, _ event: JSONValue = event, type: String? = nil
    ) throws -> ExpressionTrial.Result {
        try ExpressionTrial(event: event, type: type).evaluate(source)
    }

    @Test(arguments: [
        ("event.data.priority == 'high'", "true"), ("event.data.key", "'INC-41'"),
        ("event.ts.getHours('+02:00')", "13"), ("event.id + event.type", "'evt_1ticket.created'"),
        ("'priority' in event.changed && event.previous.priority == 'low'", "true"),
        ("event.data.custom.n * 2", "6"), ("[${event.data.key}] ${event.data.custom.n}", "\"[INC-41] 3\""),
        ("${event.data.custom}", "{\"n\":3,\"tags\":[\"a\",\"b\"]}"), ("${omit()}", "omit()"),
        ("Bearer ${secrets['erp']}", "\"Bearer secret:erp\""),
    ])
    func `an expression or a template yields its value`(_ source: String, _ value: String) throws {
        let result = try evaluate(source)
        #expect(result.problems.isEmpty)
        #expect(result.value == value)
    }

    @Test(arguments: [
        (
            "event.data.prioritty == 'high'", "`ticket` has no field `prioritty`",
            "event.data.prioritty == 'high'\n           ^^^^^^^^^ did you mean `priority`?"
        ),
        (
            "event.data.assignee == 'x'", "there is no key `assignee`",
            "event.data.assignee == 'x'\n^^^^^^^^^^^^^^^^^^^"
        ),
        (
            "at ${event.dta.id}", "`event` has no field `dta`",
            "at ${event.dta.id}\n           ^^^ did you mean `data`?"
        ),
        (
            "at ${event.data.team_id}", "there is no key `team_id`",
            "at ${event.data.team_id}\n     ^^^^^^^^^^^^^^^^^^"
        ),
    ])
    func `an error shows the place`(_ source: String, _ message: String, _ excerpt: String) throws {
        let result = try evaluate(source)
        #expect(result.value == nil)
        #expect(result.problems.map(\.message) == [message])
        #expect(result.problems.map(\.excerpt) == [excerpt])
    }

    @Test func `an explanation has each part with its value, the whole first`() throws {
        let source = "event.data.priority == 'low' || event.data.custom.tags.exists(t, t == 'b')"
        let parts = try evaluate(source).parts.map { "\($0.text) → \($0.value)" }
        #expect(
            parts == [
                "\(source) → true",
                "  event.data.priority == 'low' → false",
                "    event.data.priority → 'high'",
                "  event.data.custom.tags.exists(t, t == 'b') → true",
                "    event.data.custom.tags → ['a', 'b']",
                "    t == 'b' → false, true",
                "      t → 'a', 'b'",
            ])
    }

    @Test func `an explanation shows what failed`() throws {
        let result = try evaluate("event.data.assignee == 'x' || false")
        #expect(result.parts.contains { $0.value == "error: there is no key `assignee`" })
        #expect(result.value == nil)
    }

    @Test func `the type decides what is checked`() throws {
        #expect(
            try evaluate("event.data.anything == 1", type: "custom.mine").problems.first?.message
                == "there is no key `anything`")
        #expect(try evaluate("event.data.x", ["x": 1], type: "custom.mine").value == "1")
        let inbound: JSONValue = [
            "event": "inbound.github", "data": ["a": 1], "headers": ["x-github-event": "push"],
        ]
        #expect(try evaluate("event.headers['x-github-event']", inbound).value == "'push'")
        #expect(try evaluate("event.headers", Self.event).problems.count == 1)
    }

    @Test func `an event that cannot be used is refused with a hint`() {
        func error(_ event: JSONValue) -> ExpressionTrial.UnusableEvent? {
            #expect(throws: ExpressionTrial.UnusableEvent.self) { try ExpressionTrial(event: event) }
        }
        #expect(error([1])?.message == "the event is not a JSON object")
        #expect(error(["id": "tkt_1"])?.message == "the event has no `data`")
        #expect(error(["event": "ticket.closed", "data": [:]])?.hint == "did you mean `ticket.resolved`?")
    }
}
