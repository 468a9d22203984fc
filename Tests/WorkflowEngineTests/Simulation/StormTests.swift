import JSON
import Resources
import TestSupport
import Testing
import WorkflowSimulation

@testable import WorkflowEngine

/// Workflows that set each other off at random: every run emits events, every event starts what it may.
@Suite struct StormTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `workflows that set each other off come to an end within the limits`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let count = random.pick(1...5)
        let (maxDepth, allowSelf) = (random.pick(1...12), random.chance(50))
        let definitions = try (0..<count).map { number in
            try Self.definition(
                number, triggers: (0..<count).filter { _ in random.chance(60) }, maxDepth, allowSelf)
        }
        let fanOut = random.pick(1...3)
        var queue = [event(0, record: "r0", chain: nil)]
        var (started, refused, number) = (0, 0, 0)
        while let event = queue.popLast() {
            for definition in definitions {
                guard let candidate = definition.candidate(for: event) else { continue }
                var facts = StartFacts()
                facts.runsInChain = started + refused
                switch StartDecision(definition, candidate, event, facts, now: Moment(milliseconds: 0)) {
                case .skip: continue
                case .start(.refused(let error), _, _):
                    #expect(error.type == .loop)
                    refused += 1
                    // Refused runs are recorded, and cause nothing.
                    guard refused < 20_000 else { return }
                case .start(let disposition, _, _):
                    #expect(disposition == .now)
                    started += 1
                    number += 1
                    let chain = StartDecision.chain(
                        of: RunID("run_\(number)"), workflow: definition.name, event: event)
                    #expect(chain.depth <= maxDepth)
                    #expect(chain.root == "evt_0")
                    if !allowSelf {
                        let own = chain.links.filter {
                            $0.workflow == definition.name && $0.record == event.record
                        }
                        #expect(own.count == 1)
                    }
                    for _ in 0..<fanOut {
                        queue.append(
                            self.event(
                                random.pick(0...count - 1), record: "r\(random.pick(0...2))", chain: chain))
                    }
                }
            }
        }
        #expect(started <= RunBounds.chain)
    }

    private func event(_ type: Int, record: String, chain: Chain?) -> TriggerEvent {
        var event = TriggerEvent(
            id: chain == nil ? "evt_0" : "evt_n", type: "custom.e\(type)", ts: "2026-01-01T00:00:00Z",
            data: ["id": .string(record)])
        event.chain = chain
        return event
    }

    private static func definition(
        _ number: Int, triggers: [Int], _ maxDepth: Int, _ allowSelf: Bool
    ) throws -> WorkflowDefinition {
        let events = ([0] + triggers).map { JSONValue.object(["event": .string("custom.e\($0)")]) }
        let canonical: JSONValue = [
            "apiVersion": "sync.zentra.dev/v1", "kind": "Workflow",
            "metadata": ["name": .string("w\(number)")],
            "spec": [
                "triggers": .array(events), "steps": [["id": "a", "set": ["x": 1]]],
                "loops": [
                    "maxDepth": .number(JSONNumber(maxDepth)), "allowSelf": .bool(allowSelf),
                ],
            ],
        ]
        return try WorkflowDefinition(Resource(canonical: canonical.text))
    }
}
