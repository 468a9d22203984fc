import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct WaitTests {
    static let workflow = """
        triggers: [{event: custom.x}]
        steps:
          - id: ack
            waitFor:
              event: ticket.updated
              anyOf: {done: message.data.status == 'resolved', taken: message.data.assignee != null}
              timeout: 15m
              onTimeout: continue
          - id: after
            waitFor: {event: ticket.updated}
        """

    @Test func `a message that satisfies a condition ends the wait and names it`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        #expect(run.state.waits.map(\.wait.source) == [.event(.init("ticket.updated"), record: "tkt_1")])
        try run.message("ack", "m1", ["status": "open", "assignee": nil])
        #expect(run.status("ack") == .waiting)
        try run.message("ack", "m2", ["status": "open", "assignee": "x"])
        #expect(run.outputs("ack")["which"] == "taken")
        #expect(run.outputs("ack")["timedOut"] == false)
        #expect(run.outputs("ack")["message"]?["id"] == "m2")
    }

    @Test func `a message is used once in a run`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        let message: JSONValue = ["status": "resolved", "assignee": nil]
        try run.message("ack", "m1", message)
        #expect(run.status("after") == .waiting)
        try run.message("after", "m1", message)
        #expect(run.status("after") == .waiting)
        try run.message("after", "m2", message)
        #expect(run.state.status == .succeeded)
    }

    @Test func `a wait that times out goes on, and what comes later is for nobody`() throws {
        var run = try Fixture(Self.workflow)
        try run.start()
        try run.fireNext()
        #expect(run.outputs("ack") == ["timedOut": true])
        let entries = run.journal.count
        try run.message("ack", "m1", ["status": "resolved"])
        #expect(run.journal.count == entries)
    }

    @Test func `each iteration has a callback URL of its own, before it waits`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: many
                forEach:
                  items: "[1, 2]"
                  concurrency: 2
                  steps:
                    - id: ask
                      http: {url: "https://example.com/", body: {reply: "${callbacks.answer.url}"}}
                    - id: answer
                      waitFor: {callback: {}}
            """)
        try run.start()
        #expect(
            run.sent.map { $0.plan.body?.json["reply"]?.string } == [
                "https://example.com/callbacks/run_1/answer[0]",
                "https://example.com/callbacks/run_1/answer[1]",
            ])
    }

    @Test func `without a public URL a callback fails with a hint`() throws {
        var run = try Fixture(
            "triggers: [{event: custom.x}]\nsteps: [{id: a, waitFor: {callback: {}}}]",
            hasPublicURL: false)
        try run.start()
        #expect(run.state.error?.type == .noPublicURL)
        #expect(run.state.error?.message.contains("--public-url") == true)
    }
}
