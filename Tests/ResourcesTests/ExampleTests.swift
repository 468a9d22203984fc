import JSON
import TestSupport
import Testing

@testable import Resources

/// The examples of the documentation, and one workflow with every action.
struct ExampleTests {
    private static func loadAll() throws -> DesiredState {
        var loader = Loader(acceptsPlanned: true)
        let loaded = loader.load(try DirectoryReader(root: Fixtures.path("examples")).files())
        #expect(DiagnosticRenderer().text(loaded.errors, as: .human) == "")
        return try loaded.desiredState()
    }

    @Test func `every documented example is valid`() throws {
        let state = try Self.loadAll()
        #expect(Set(state.resources.map(\.id.kind)).count == 6)
        #expect(state.tests.count == 2)
    }

    @Test func `every example reads back from its canonical form`() throws {
        let state = try Self.loadAll()
        for resource in state.resources + state.tests {
            let again = try Resource(canonical: resource.canonical)
            #expect(again.spec == resource.spec && again.digest == resource.digest)
            var loader = Loader(acceptsPlanned: true)
            let file = ConfigurationFile(
                path: "a.yaml", contentID: "1", bytes: Array(resource.canonical.utf8))
            let reread = loader.load([file]).diagnostics.filter {
                $0.severity == .error && $0.code != .unknownReference
            }
            #expect(reread.isEmpty)
        }
    }

    @Test func `a workflow is read into its syntax tree`() throws {
        let state = try Self.loadAll()
        guard case .workflow(let spec) = state[ResourceID(.workflow, "every-action")]?.spec else {
            Issue.record("no workflow")
            return
        }
        #expect(spec.triggers.count == 4)
        #expect(spec.concurrency?.onConflict == .cancelRunning)
        #expect(spec.rateLimit == Rate("10/s"))
        #expect(JSONValue.object(spec.vars).text == #"{"b":1,"a":[1.50,"${event.id}"]}"#)
        #expect(
            spec.steps.map(\.id) == [
                "request", "told", "wait_for_it", "nap", "until", "side", "each", "other", "make", "put",
                "look",
                "stop",
            ])
        guard case .http(let request) = spec.steps[0].action, case .waitFor(let wait) = spec.steps[2].action,
            case .parallel(let branches, failFast: false) = spec.steps[5].action
        else {
            Issue.record("an action was read as another one")
            return
        }
        #expect(request.isAtMostOnce && request.method == "POST")
        #expect(spec.steps[0].handlers.first?.steps.first?.id == "note")
        #expect(
            wait.source == .callback && wait.anyOf.map(\.name) == ["yes", "no"]
                && wait.timeout == .seconds(3_600))
        #expect(branches.map(\.name) == ["left", "right"])
        #expect(try WorkflowStep.defaultRetry.maxAttempts == 5)
    }

    @Test func `a test is read with its answers, messages and records`() throws {
        let state = try Self.loadAll()
        let resource = try #require(state.tests.first { $0.id.name == "every-field" })
        guard case .workflowTest(let spec) = resource.spec, let first = spec.cases.first else {
            Issue.record("no test")
            return
        }
        #expect(first.event == nil && first.inputs?.text == #"{"ticket":"tkt_1"}"#)
        let answers = try #require(first.mocks["request"])
        #expect(answers.map(\.status) == [nil, 503, 202])
        #expect(answers.map(\.error) == ["timeout", nil, nil])
        #expect(answers.map(\.delay) == [.zero, .zero, .seconds(1)])
        #expect(
            first.inbound.map(\.target) == [.callback(step: "wait_for_it"), .event(type: "ticket.updated")])
        #expect(first.records.map { TestRecordKey($0.key)?.selector } == [.id("tkt_1")])
        let expected = first.expect["records"]?.object?.map { TestRecordKey($0.key)?.selector }
        #expect(expected == [.field("external_key", value: "am-7"), .id("tkt_9")])
    }

    @Test func `an inbound endpoint is read with its verification`() throws {
        let state = try Self.loadAll()
        guard case .inboundEndpoint(let spec) = state[ResourceID(.inboundEndpoint, "inbound-email")]?.spec
        else {
            Issue.record("no endpoint")
            return
        }
        #expect(spec.maxBody == .mebibytes(30))
        #expect(
            spec.verification
                == .sharedSecret(header: "X-Webhook-Secret", .init(current: "inbound-email", previous: nil)))
        #expect(
            spec.form
                == .email(
                    .init(type: "incident", priority: "medium", category: "E-mail", teamID: nil),
                    threads: true))
    }

    /// Python's `jsonschema` decides, where it is installed.
    @Test func `examples satisfy the JSON Schema, broken ones do not`() async throws {
        var cases: [JSONValue] = []
        let state = try Self.loadAll()
        for resource in state.resources + state.tests {
            let schema = JSONSchema.schema(of: resource.id.kind, includesPlanned: true)
            cases.append([
                "schema": schema, "valid": true, "document": try JSONValue(parsing: resource.canonical),
            ])
        }
        for text in Self.broken {
            let document = try JSONValue(parsing: text)
            cases.append([
                "schema": JSONSchema.schema(of: .subscription), "valid": false, "document": document,
            ])
            cases.append(["schema": JSONSchema.union(), "valid": false, "document": document])
        }
        let good = try load(subscription("timeout: 1m30s")).desiredState().resources.map(\.canonical)
        for text in good {
            cases.append([
                "schema": JSONSchema.union(), "valid": true, "document": try JSONValue(parsing: text),
            ])
        }
        let output = try await Python.run(Self.script, input: JSONValue.array(cases).text)
        #expect(output == nil || output == "ok \(cases.count)")
    }

    private static let script = """
        import json, sys
        from jsonschema import Draft202012Validator
        cases = json.load(sys.stdin)
        for case in cases:
            Draft202012Validator.check_schema(case["schema"])
            errors = [e.message for e in Draft202012Validator(case["schema"]).iter_errors(case["document"])]
            if bool(errors) == case["valid"]: print(case["document"], errors)
        print("ok", len(cases))
        """

    private static let broken = [
        #"{"apiVersion":"v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","events":["*"],"signing":{"secretRef":"a"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"A"},"spec":{"targetURL":"https://a.b","events":["*"],"signing":{"secretRef":"a"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"events":["*"],"signing":{"secretRef":"a"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","targetURLFrom":{"secretRef":"a"},"events":["*"],"signing":{"secretRef":"a"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","events":["nothing"],"signing":{"secretRef":"a"}}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","events":["*"],"signing":{"secretRef":"a"},"timeout":"30"}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","events":["*"],"signing":{"secretRef":"a"},"timeot":"30s"}}"#,
        #"{"apiVersion":"sync.zentra.dev/v1","kind":"Subscription","metadata":{"name":"a"},"spec":{"targetURL":"https://a.b","events":["*"],"signing":{"secretRef":"a"},"headers":{"HOST":"x"}}}"#,
    ]
}

/// A script, run with the Python of the machine.
enum Python {
    /// What it prints, without the last line end; nil without Python or without the module.
    static func run(_ script: String, input: String) async throws -> String? {
        guard let python = TestCommand.path(of: "python3") else { return nil }
        let text = try await TestCommand.run([python, "-c", guardedImport + script], input: input)
        return text == "missing" ? nil : text
    }

    private static let guardedImport = """
        try:
            import jsonschema
        except ImportError:
            import sys
            sys.stdin.read()
            print("missing")
            raise SystemExit

        """
}
