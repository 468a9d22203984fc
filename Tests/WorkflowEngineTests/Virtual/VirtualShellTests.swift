import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct VirtualShellTests {
    private func definition(_ name: String, _ steps: JSONValue) throws -> WorkflowDefinition {
        let canonical: JSONValue = [
            "apiVersion": "sync.zentra.dev/v1", "kind": "Workflow", "metadata": ["name": .string(name)],
            "spec": ["triggers": [["manual": [:]]], "steps": steps],
        ]
        return try WorkflowDefinition(Resource(canonical: canonical.text))
    }

    @Test func `a run that is called and no longer wanted in the same transaction is cancelled`() throws {
        let inner = try definition("inner", [["id": "nap", "sleep": ["for": "1h"]]])
        let outer = try definition(
            "outer",
            [
                [
                    "id": "p",
                    "parallel": [
                        "branches": [
                            "one": [["id": "c", "call": ["workflow": "inner"]]],
                            "two": [["id": "f", "fail": ["message": "as told"]]],
                        ]
                    ],
                ]
            ])
        var shell = VirtualShell(workflows: [inner, outer], now: Moment(milliseconds: 0)) { _, _, _, _ in
            (.answered(status: 200), .zero)
        }
        let event = TriggerEvent(id: "evt_1", type: "manual", ts: "1970-01-01T00:00:00Z", data: [:])
        let run = RunID("run_1")
        let chain = StartDecision.chain(of: run, workflow: "outer", event: event)
        shell.start(RunStart(run: run, event: event, chain: chain), of: outer)
        #expect(shell.order.map { shell.runs[$0]?.state.status } == [.failed, .cancelled])
        #expect(shell.nextDue == nil)
    }
}
