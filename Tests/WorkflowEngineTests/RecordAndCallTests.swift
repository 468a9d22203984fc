import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct RecordAndCallTests {
    @Test func `a record step asks, and its outputs are the record`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: up
                upsert:
                  record: ticket
                  match: {external_key: "am-${event.data.n}"}
                  set: {priority: high}
                  onCreate: {subject: new}
              - {id: look, find: {record: asset, match: {name: x}}}
              - {id: say, emit: {type: custom.done, data: {id: "${steps.up.outputs.id}", found: "${steps.look.outputs.found}"}}}
            """)
        run.results = [.record(["id": "tkt_9", "description": "long"], isNew: true), .nothing]
        try run.start()
        #expect(
            run.operations.first
                == RecordOperation(
                    step: StepAddress("up"), type: .ticket,
                    action: .upsert(
                        .match(["external_key": "am-3"]), ["priority": "high"], onCreate: ["subject": "new"]))
        )
        #expect(run.outputs("up") == ["id": "tkt_9", "created": true])
        #expect(run.state.status == .succeeded)
        let emitted = run.effects.compactMap { effect in
            if case .emit(_, let type, let data) = effect { return "\(type) \(JSONValue.object(data))" }
            return nil
        }
        #expect(emitted == [#"custom.done {"id":"tkt_9","found":false}"#])
    }

    @Test func `more record steps than go into a transaction go into the next`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: many
                forEach:
                  items: "lists.range(40)"
                  steps: [{id: u, update: {record: ticket, id: "${item}", set: {priority: low}}}]
            """)
        run.results = Array(repeating: .record([:], isNew: false), count: 40)
        try run.start()
        #expect(run.operations.count == RunBounds.operations)
        #expect(run.state.status == .waiting)
        try run.fireNext()
        #expect(run.operations.count == 40)
        #expect(run.state.status == .succeeded)
    }

    @Test func `all paused steps go on when a person says so`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            onExhausted: pause
            steps:
              - id: many
                forEach:
                  items: "[1, 2, 3]"
                  concurrency: 3
                  steps:
                    - {id: u, update: {record: ticket, id: "${item}", set: {priority: low}}, retry: {maxAttempts: 1}}
            """)
        run.results = Array(repeating: .failed(.notFound, message: "no"), count: 3)
        try run.start()
        #expect(run.state.status == .paused)
        run.results = Array(repeating: .record([:], isNew: false), count: 3)
        try run.apply(.resume)
        #expect(run.operations.count == 6)
        #expect(run.state.status == .succeeded)
    }

    @Test func `an unknown record fails the step`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps: [{id: u, update: {record: ticket, id: nobody, set: {priority: low}}}]
            """)
        run.results = [.failed(.notFound, message: "there is no ticket `nobody`")]
        try run.start()
        #expect(
            run.state.error == StepError(.notFound, "there is no ticket `nobody`", step: StepAddress("u")))
    }

    @Test func `a call waits for the run that it starts`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: c
                call: {workflow: v, with: {n: "${event.data.n}"}}
                retry: {maxAttempts: 2}
            """)
        try run.start()
        guard case .startChild(let step, let attempt, let workflow, let inputs) = run.effects.last else {
            Issue.record("no run is started")
            return
        }
        #expect((step.description, attempt, workflow) == ("c", 1, "v"))
        #expect(inputs == ["n": 3])
        try run.apply(.child(step, attempt: 1, .failed(StepError(.fail, "no"))))
        try run.fireNext()
        try run.apply(.child(step, attempt: 1, .succeeded(outputs: ["late": true])))
        #expect(run.status("c") == .waiting)
        try run.apply(.child(step, attempt: 2, .succeeded(outputs: ["ok": true])))
        #expect(run.outputs("c") == ["ok": true])
        #expect(run.state.status == .succeeded)
    }
}
