import JSON
import Store
import Testing

@testable import Reconciler

struct SavedPlanTests {
    private func saved() throws -> SavedPlan {
        let live = [
            "k.yaml": Sample.secret("key"), "a.yaml": Sample.subscription("a"), "b.yaml": Sample.token("b"),
        ]
        let desired = [
            "k.yaml": Sample.secret("key"), "n.yaml": Sample.secret("new"),
            "a.yaml": Sample.subscription(
                "a", events: "[ticket.updated]", metadata: "annotations: {sync.zentra.dev/protect: \"true\"}"),
        ]
        return SavedPlan(
            try .sample(from: live, to: desired, pending: ["a": 3]), source: "file:///config main .")
    }

    @Test func `a saved plan reads back as the same plan`() throws {
        let saved = try saved()
        let read = try SavedPlan(reading: Array(saved.text.utf8))
        #expect(read == saved)
        #expect(read.plan.digest == saved.plan.digest)
        #expect(read.plan.changes.map(\.action) == [.create, .update, .delete])
        #expect(read.plan.changes[1].desired?.isProtected == true)
    }

    @Test
    func
        `the order of members and white space of the file mean nothing to people, and are sealed all the same`()
        throws
    {
        let compact = try JSONValue(parsing: saved().text).text
        #expect(try SavedPlan(reading: Array(compact.utf8)) == saved())
    }

    @Test(arguments: [
        ("ticket.updated", "ticket.created"), ("\"serial\": 41", "\"serial\": 42"),
        ("\"action\": \"delete\"", "\"action\": \"update\""), ("4f2c9e1a", "4f2c9e1b"),
        ("\"line\": 1", "\"line\": 2"), ("\"notes\": []", "\"notes\": [\"harmless\"]"),
    ])
    func `an edited plan is refused`(_ text: String, _ other: String) throws {
        let original = try saved().text
        let edited = original.replacing(text, with: other)
        #expect(edited != original)
        #expect { try SavedPlan(reading: Array(edited.utf8)) } throws: {
            "\($0)" == "the saved plan is stale: it was edited after it was made"
        }
    }

    @Test func `a plan of another format version is refused`() throws {
        let other = try saved().text.replacing("\"formatVersion\": 1", with: "\"formatVersion\": 2")
        #expect { try SavedPlan(reading: Array(other.utf8)) } throws: {
            "\($0)"
                == "the saved plan is stale: it has format version 2, and this version of zentra-sync reads 1"
        }
    }

    @Test(arguments: ["", "{", "[]", "{\"formatVersion\":1}", "null"])
    func `another file is refused`(_ text: String) {
        #expect { try SavedPlan(reading: Array(text.utf8)) } throws: { "\($0)".contains("stale") }
    }

    @Test func `a live state that moved on makes a plan stale, a branch does not`() throws {
        let saved = try saved()
        let live = LiveState(configuration: .init(serial: 43, resources: []), commit: "")
        #expect { try PlanReport(saved, live: live, options: SafetyOptions()) } throws: {
            "\($0)" == "the saved plan is stale: it was made for serial 41, and the live state has serial 43"
        }
        let same = LiveState(configuration: .init(serial: 41, resources: []), commit: "")
        #expect(try PlanReport(saved, live: same, options: SafetyOptions()).plan == saved.plan)
    }

    @Test func `safety rules hold for a saved plan`() throws {
        let saved = try saved()
        let row = LiveResource(
            kind: "ApiToken", name: "b", canonical: "{}", digest: "d", isProtected: true, file: "", line: 0,
            commit: "")
        let live = LiveState(configuration: .init(serial: 41, resources: [row, row, row]), commit: "")
        #expect(
            try PlanReport(saved, live: live, options: SafetyOptions()).refusals.map(\.code) == [.protected])
    }
}
