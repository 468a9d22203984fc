import JSON
import Resources
import Testing
import WorkflowSimulation

@testable import WorkflowEngine

/// Properties of journals, of all runs in a few worlds of the simulation.
@Suite struct JournalTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `an entry reads back as it was written`(seed: UInt64) throws {
        for history in try Simulation.histories(seed: seed) {
            for text in history.journal {
                #expect(try JournalEntry(text: text).text == text)
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `members that a later release adds change nothing`(seed: UInt64) throws {
        for history in try Simulation.histories(seed: seed) {
            let entries = try history.journal.map { text in
                try JournalEntry(json: try JSONValue(parsing: text).withMoreMembers)
            }
            let state = RunState(entries: try history.journal.map { try JournalEntry(text: $0) })
            #expect(RunState(entries: entries).summary == state.summary)
        }
    }

    @Test func `an entry of an unknown kind is an error that names it`() {
        let error = #expect(throws: JournalError.self) {
            try JournalEntry(text: #"{"t":1,"k":"teleported","s":"a"}"#)
        }
        #expect(error?.description.contains("`teleported`") == true)
    }

    @Test(arguments: [
        #"{"k":"resumed","s":"a"}"#, #"{"t":1,"s":"a"}"#, #"{"t":1,"k":"sleeping","s":"a"}"#,
        #"{"t":1,"k":"sending","s":"a","attempt":1,"request":{"method":"GET"}}"#,
        #"{"t":1,"k":"ended","s":"a","status":"asleep"}"#, #"{"t":1,"k":"resumed","s":"a[x]"}"#, "[]", "{",
    ])
    func `an entry that lacks something is an error`(text: String) {
        #expect(throws: JournalError.self) { try JournalEntry(text: text) }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `from every prefix of a journal a run can be ended, and nothing is left under way`(seed: UInt64)
        throws
    {
        let engine = WorkflowEngine { _, _ in "https://example.com/" }
        for history in try Simulation.histories(seed: seed) {
            let entries = try history.journal.map { try JournalEntry(text: $0) }
            for count in 1...entries.count {
                var state = RunState(entries: entries.prefix(count))
                let now = entries[count - 1].at
                for _ in 0..<2 {
                    let input = RunInput.cancel(reason: "told so")
                    var transition = engine.advance(history.definition, state, input, now: now)
                    while transition.operation != nil {
                        transition = engine.answer(transition, with: .nothing)
                    }
                    state = transition.state
                }
                #expect(state.status.isFinal)
                #expect(state.live.isEmpty && state.timers.isEmpty && state.waits.isEmpty)
            }
        }
    }
}

extension JSONValue {
    /// With a member more in every object that has a fixed form.
    fileprivate var withMoreMembers: JSONValue {
        guard case .object(var members) = self else { return self }
        members["later"] = ["x": [1, nil]]
        for name in ["request", "wait", "error", "parent", "chain"] {
            if let inner = members[name] { members[name] = inner.withMoreMembers }
        }
        return .object(members)
    }
}
