import JSON
import Testing

@testable import Expressions

@Suite struct ProgramTests {
    @Test func `a program names the variables and fields that it uses`() throws {
        let source = """
            event.data.priority == 'high' && steps['page'].outputs.key != '' && has(event.data.assignee)
              && event.data.tags.exists(t, t == event.data.custom[event.id].x)
            """
        let program = try Program.compile(source, in: Samples.declarations, expecting: .bool)
        #expect(
            program.references.map(\.description) == [
                "event.data.priority", "steps.page.outputs.key", "event.data.assignee", "event.data.tags",
                "event.data.custom", "event.id",
            ])
        #expect(Samples.text(program.references[1].range, of: source) == "steps['page'].outputs.key")
    }

    @Test func `a local variable hides one of the environment`() throws {
        let program = try Program.compile("[1].all(event, event == 1)", in: Samples.declarations)
        #expect(program.references.isEmpty)
        #expect(try program.holds(Samples.activation))
    }

    @Test func `an error says where it happened`() throws {
        let source = "event.id != '' && 10 / (event.data.reopened - 2) > 1"
        let program = try Program.compile(source, in: Samples.declarations)
        do {
            _ = try program.evaluate(Samples.activation)
            Issue.record("it evaluates")
        } catch {
            #expect(error.code == .divideByZero)
            #expect(error.range.map { Samples.text($0, of: source) } == "10 / (event.data.reopened - 2)")
        }
    }

    @Test func `a missing field is an error that has can prevent`() throws {
        #expect(throws: EvaluationError.self) { try Samples.evaluate("event.data.assignee == 'x'") }
        #expect(
            try Samples.evaluate("has(event.data.assignee) && event.data.assignee == 'x'").description
                == "false")
        #expect(try Samples.evaluate("event.data.?assignee.orValue('nobody')").description == "'nobody'")
    }

    @Test func `a lazy variable is made only when it is asked for`() throws {
        var activation = Activation()
        activation.set("event", lazily: { () throws(EvaluationError) in throw .invalidArgument("asked") })
        activation.set("steps", CELValue(["ready": true] as JSONValue))
        let cheap = try Program.compile("steps.ready || event.id == ''", in: Samples.declarations)
        #expect(try cheap.holds(activation))
        let dear = try Program.compile("event.id == ''", in: Samples.declarations)
        #expect(throws: EvaluationError.self) { try dear.holds(activation) }
    }

    @Test func `variables are found whatever their order`() throws {
        var activation = Activation(["other": .int(1), "steps": CELValue(["a": 1] as JSONValue)])
        activation.set("event", .record(["id": .string("x")]))
        let program = try Program.compile("steps.a == 1 && event.id == 'x'", in: Samples.declarations)
        #expect(try program.holds(activation))
        #expect(throws: EvaluationError.self) { try program.holds(Activation()) }
    }

    @Test func `a value is written as JSON the way a template does`() throws {
        let value = try Samples.evaluate(
            "{'at': event.ts, 'none': event.data.?assignee, 'tags': event.data.tags}")
        #expect(try value.json()?.text == #"{"at":"2026-05-05T11:45:07Z","tags":["mail","outage"]}"#)
        #expect(try Samples.evaluate("omit()").json() == nil)
        #expect(throws: EvaluationError.self) {
            try Samples.evaluate("lists.range(99).map(i, i)").json(costLimit: 50)
        }
    }

    @Test func `programs are evaluated by many tasks at once`() async throws {
        let program = try Program.compile(
            "event.data.tags.filter(t, t.matches('^m')).size() == 1", in: Samples.declarations)
        let count = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { try (0..<50).allSatisfy { _ in try program.holds(Samples.activation) } }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(count == 16)
    }

    @Test func `an explanation has the value of each part`() throws {
        let source = "event.data.priority == 'high' && event.data.tags.exists(t, t == 'x')"
        let program = try Program.compile(source, in: Samples.declarations)
        let explanation = program.explain(Samples.activation)
        let parts = explanation.parts.map { "\($0.text(in: source)) → \(Self.text($0.result))" }
        #expect(parts.contains("event.data.priority → 'high'"))
        #expect(parts.contains("event.data.priority == 'high' → true"))
        #expect(parts.filter { $0 == "t == 'x' → false" }.count == 2)
        #expect(parts.last == source + " → false")
        #expect(Self.text(explanation.result) == "false")
    }

    @Test func `an explanation shows the error of a part that is absorbed`() throws {
        let source = "event.data.assignee == 'x' || true"
        let explanation = try Program.compile(source, in: Samples.declarations).explain(Samples.activation)
        let failed = explanation.parts.filter { if case .failure = $0.result { true } else { false } }
        #expect(failed.map { $0.text(in: source) } == ["event.data.assignee", "event.data.assignee == 'x'"])
        #expect(Self.text(explanation.result) == "true")
    }

    @Test func `an explanation keeps a bounded number of parts`() throws {
        let program = try Program.compile("lists.range(9000).all(i, i >= 0)", in: Samples.declarations)
        let explanation = program.explain(Samples.activation)
        #expect(explanation.isTruncated)
        #expect(explanation.parts.count == 10_000)
        #expect(Self.text(explanation.result) == "true")
    }

    private static func text(_ result: Result<CELValue, EvaluationError>) -> String {
        switch result {
        case .success(let value): value.description
        case .failure(let error): error.message
        }
    }
}
