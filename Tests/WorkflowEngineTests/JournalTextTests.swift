import Resources
import Testing
import WorkflowSimulation

@testable import WorkflowEngine

@Suite struct JournalTextTests {
    @Test func `a journal in pieces makes the state that its entries make, whatever a piece holds`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - {id: one, set: {x: 1}}
              - {id: two, http: {url: "https://a.example.com"}}
            """)
        try run.start()
        try run.answer("two", 200)
        #expect(run.state.status == .succeeded)
        let entries = try run.journal.map { try JournalEntry(text: $0) }
        #expect(entries.count > 5)
        for limit in [0, 200, 500, 1 << 20] {
            let texts = JournalEntry.texts(of: entries, limit: limit)
            #expect(try RunState(journal: texts).summary == run.state.summary)
            #expect(texts.allSatisfy { $0.utf8.count <= limit || run.journal.contains($0) })
        }
        #expect(JournalEntry.texts(of: entries, limit: 0) == run.journal)
        #expect(JournalEntry.texts(of: entries, limit: 1 << 20).count == 1)
        #expect(JournalEntry.texts(of: [], limit: 100).isEmpty)
    }

    @Test(arguments: ["", "7", "[{}]", #"[{"t":1,"k":"of another release"}]"#])
    func `a piece that cannot be read is an error`(_ text: String) {
        #expect(throws: JournalError.self) { try RunState(journal: [text]) }
    }
}
