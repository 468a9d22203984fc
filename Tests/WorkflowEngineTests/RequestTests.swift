import Expressions
import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct RequestTests {
    static let workflow = """
        triggers: [{event: custom.x}]
        steps:
          - id: page
            http:
              url: "https://${secrets['host']}/a/${event.data.key + '/x'}"
              headers: {X-Source: "z ${event.data.n}"}
              query: {q: "a b", l: [1, "${event.data.n}"]}
              auth: {bearer: "${secrets['token']}"}
              body: {key: "${secrets['routing']}", data: {n: "${event.data.n}"}}
              expect: response.status in [200, 202]
            outputs: {key: "${response.body.dedup_key}"}
        """

    @Test func `secrets stand in a request by their names, and are filled in when it is sent`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        let plan = try #require(run.sent.first).plan
        #expect(run.state.status == .running)
        #expect(plan.secrets == ["host", "token", "routing"])
        #expect(
            plan.redacted["url"]?.string == "https://secret:host/a/INC-41%2Fx?q=a%20b&l=1&l=3")
        #expect(!run.journal.joined().contains("s3cret"))
        let resolve: (String) -> String = { "s3cret-\($0)" }
        #expect(plan.url.reveal(resolve) == "https://s3cret-host/a/INC-41%2Fx?q=a%20b&l=1&l=3")
        #expect(
            String(decoding: plan.body?.reveal(resolve) ?? [], as: UTF8.self)
                == #"{"key":"s3cret-routing","data":{"n":3}}"#)
        let headers = plan.headers.map { "\($0.name): \($0.value.reveal(resolve))" }
        #expect(
            headers == [
                "X-Source: z 3", "Authorization: Bearer s3cret-token", "Content-Type: application/json",
                "Idempotency-Key: \(plan.idempotencyKey)",
            ])
        #expect(RequestPlan(json: plan.json) == plan)
    }

    @Test func `an answer's outputs are kept, the answer is not`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        try run.answer("page", 202, #"{"dedup_key":"k1","more":"x-large"}"#)
        #expect(run.outputs("page") == ["key": "k1"])
        #expect(run.state.status == .succeeded)
        #expect(!run.journal.joined().contains("x-large"))
    }

    @Test func `an attempt is repeated with the same request and key, after what the answer asks for`() throws
    {
        var run = try Fixture(Self.workflow)
        try run.start()
        let first = try #require(run.sent.first)
        try run.answer("page", 503, retryAfter: .seconds(20))
        #expect(run.status("page") == .waiting)
        #expect(run.state.timers.first?.at == run.now + .seconds(20))
        try run.fireNext()
        let second = try #require(run.sent.first)
        #expect((first.attempt, second.attempt) == (1, 2))
        #expect(first.plan == second.plan)
        try run.answer("page", 404)
        #expect(run.error("page")?.type == .http)
        #expect(run.state.status == .failed)
    }

    @Test func `the default is five attempts, and none for an answer that will not change`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        for _ in 1...4 {
            try run.answer("page", 500)
            try run.fireNext()
        }
        try run.answer("page", 500)
        #expect(run.state.status == .failed)
        #expect(run.state.steps[StepAddress("page")]?.attempts == 5)
    }

    @Test func `a result that comes twice or late changes nothing`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        try run.answer("page", 503)
        let entries = run.journal.count
        try run.apply(.http(StepAddress("page"), attempt: 1, .answered(status: 200)))
        #expect(run.journal.count == entries)
    }

    @Test func `after a crash the request is sent again with the same key`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        let plan = try #require(run.sent.first).plan
        try run.apply(.recover)
        #expect(run.sent.map(\.plan) == [plan])
        #expect(run.sent.map(\.attempt) == [1])
    }

    @Test func `at most once, nobody knows after a crash`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: page
                http: {url: "https://example.com/", delivery: atMostOnce}
            """)
        try run.start()
        try run.apply(.recover)
        #expect(run.sent.isEmpty)
        #expect(run.error("page")?.type == .unknownOutcome)
        #expect(run.state.status == .failed)
        let key = try #require(run.state.steps[StepAddress("page")]?.key)
        let repeated = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_2")))
        var again = try Fixture(Self.workflow)
        try again.apply(.start(repeated))
        #expect(again.sent.first?.plan.idempotencyKey == key)
    }

    @Test func `where dealing with an unknown outcome failed, a repeated run keeps the key and looks again`()
        throws
    {
        let text = """
            triggers: [{event: custom.x}]
            steps:
              - id: page
                http: {url: "https://a.example.com", delivery: atMostOnce}
                catch:
                  - if: error.type == 'unknownOutcome'
                    steps: [{id: look, set: {place: 1}}]
                    outputs: {found: "${['only'][steps.look.outputs.place]}"}
            """
        var run = try Fixture(text)
        try run.start()
        let key = try #require(run.sent.first?.plan.idempotencyKey)
        let page = try #require(StepAddress(parsing: "page"))
        try run.apply(
            .http(page, attempt: 1, .failed(.timeout, message: "no answer", mayHaveArrived: true)))
        #expect(run.state.status == .failed)
        #expect(run.error("page")?.type == .expression)
        #expect(run.status("look") == .succeeded)
        let repeated = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_2")))
        var again = try Fixture(text)
        try again.apply(.start(repeated))
        #expect(again.sent.first?.plan.idempotencyKey == key)
        #expect(again.status("look") == nil)
    }

    @Test func `later steps may look at what a handler leaves as outputs`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: page
                http: {url: "https://a.example.com"}
                catch: [{steps: [], outputs: {reason: "${error.message}"}}]
              - {id: note, set: {text: "${steps.page.outputs.reason}"}}
            """)
        try run.start()
        try run.answer("page", 404)
        #expect(run.outputs("note") == ["text": "the answer is 404"])
    }

    @Test func `at most once repeats what cannot have arrived`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: page
                http: {url: "https://example.com/", delivery: atMostOnce}
            """)
        try run.start()
        try run.apply(
            .http(
                StepAddress("page"), attempt: 1, .failed(.network, message: "refused", mayHaveArrived: false))
        )
        #expect(run.status("page") == .waiting)
        try run.fireNext()
        try run.apply(
            .http(StepAddress("page"), attempt: 2, .failed(.timeout, message: "late", mayHaveArrived: true)))
        #expect(run.error("page")?.type == .unknownOutcome)
    }

    @Test func `a run waits for a person when its attempts are used up, and goes on with the same key`()
        throws
    {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            onExhausted: pause
            steps:
              - id: page
                http: {url: "https://example.com/"}
                retry: {maxAttempts: 1}
            """)
        try run.start()
        let key = run.sent.first?.plan.idempotencyKey
        try run.answer("page", 500)
        #expect(run.state.status == .paused)
        #expect(run.state.timers.map(\.id) == [.run])
        try run.apply(.resume)
        #expect(run.sent.first?.plan.idempotencyKey == key)
        #expect(run.sent.first?.attempt == 2)
        try run.answer("page", 200)
        #expect(run.state.status == .succeeded)
    }

    @Test func `a repeated run does again what failed, with another key, and nothing that was through`()
        throws
    {
        let text = """
            triggers: [{event: custom.x}]
            steps:
              - {id: a, set: {x: "${event.data.n}"}}
              - id: page
                http: {url: "https://example.com/${steps.a.outputs.x}"}
            """
        var run = try Fixture(text)
        try run.start()
        let key = run.sent.first?.plan.idempotencyKey
        try run.answer("page", 400)
        let start = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_2")))
        var again = try Fixture(text)
        try again.apply(.start(start))
        #expect(again.state.creation?.repeats == RunID("run_1"))
        #expect(again.status("a") == .succeeded)
        #expect(again.state.stepCount == 1)
        #expect(again.sent.first?.plan.idempotencyKey != key)
        try again.answer("page", 200)
        #expect(again.state.status == .succeeded)
    }

    @Test func `the key of a request that may have arrived stays, also after a handler that failed`() throws {
        let text = """
            triggers: [{event: custom.x}]
            steps:
              - id: page
                http: {url: "https://example.com/", delivery: atMostOnce}
                catch: [{steps: [{id: no, fail: {message: as told}}]}]
            """
        var run = try Fixture(text)
        try run.start()
        let key = try #require(run.sent.first?.plan.idempotencyKey)
        try run.apply(.recover)
        #expect(run.error("page")?.step == StepAddress("no"))
        let start = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_2")))
        #expect(start.lineage?.keys == [StepAddress("page"): key])
        var again = try Fixture(text)
        try again.apply(.start(start))
        #expect(again.sent.first?.plan.idempotencyKey == key)
    }

    @Test func `the key of a request that may have arrived stays until it is sent again`() throws {
        let text = """
            triggers: [{event: custom.x}]
            steps:
              - {id: first, http: {url: "https://example.com/"}, continueOnError: true}
              - {id: page, http: {url: "https://example.com/"}}
            """
        var run = try Fixture(text)
        try run.start()
        try run.answer("first", 400)
        let key = try #require(run.sent.first?.plan.idempotencyKey)
        try run.apply(.cancel(reason: "by a person"))
        let second = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_2")))
        #expect(second.lineage?.keys == [StepAddress("page"): key])
        run = try Fixture(text)
        try run.apply(.start(second))
        try run.apply(.cancel(reason: "before it came to that step"))
        let third = try #require(RunStart.repeating(run.state, run.definition, as: RunID("run_3")))
        #expect(third.lineage?.keys[StepAddress("page")] == key)
    }
}
