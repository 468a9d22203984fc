import JSON
import Testing

@testable import WorkflowEngine

@Suite struct StartTests {
    private let now = Moment(milliseconds: 1_790_000_000_000)

    private func event(_ data: JSONValue = Fixture.ticket, chain: Chain? = nil) -> TriggerEvent {
        var event = TriggerEvent(id: "evt_1", type: "custom.x", ts: "2026-01-01T00:00:00Z", data: data)
        event.chain = chain
        return event
    }

    private func decision(_ text: String, _ event: TriggerEvent, _ facts: StartFacts) throws -> String {
        let definition = try Fixture(text + "\nsteps: [{id: a, set: {x: 1}}]").definition
        guard let candidate = definition.candidate(for: event) else { return "nothing" }
        switch StartDecision(definition, candidate, event, facts, now: now) {
        case .skip(let reason): return "skip \(reason)"
        case .start(.now, let cancelling, _): return "now \(cancelling)"
        case .start(.queued(let time), let cancelling, _):
            return "queued \(time.map { "\($0 - now)" } ?? "-") \(cancelling)"
        case .start(.refused(let error), _, _): return "refused \(error.type.rawValue)"
        case .start(.failed(let error), _, _): return "failed \(error.type.rawValue)"
        }
    }

    private let simple = "triggers: [{event: custom.x, if: event.data.priority == 'critical'}]"

    @Test func `a trigger's condition decides, and one without a result fails the run`() throws {
        #expect(try decision(simple, event(), StartFacts()) == "now []")
        #expect(try decision(simple, event(["priority": "low"]), StartFacts()) == "nothing")
        #expect(try decision(simple, event(["id": "x"]), StartFacts()) == "failed expression")
    }

    @Test(arguments: [
        ("queue", "queued - []"), ("skip", "skip conflict"), ("fail", "failed concurrency"),
        ("cancelRunning", "queued - [run_0]"),
    ])
    func `a full key is a matter of onConflict`(conflict: String, expected: String) throws {
        var facts = StartFacts()
        facts.active = [RunID("run_0")]
        let text = simple + "\nconcurrency: {key: event.data.id, onConflict: \(conflict)}"
        #expect(try decision(text, event(), facts) == expected)
        #expect(try decision(text, event(), StartFacts()) == "now []")
    }

    @Test func `a dedupe key that was seen within the window starts nothing`() throws {
        let text = simple + "\ndedupe: {key: event.data.id, window: 1h}"
        var facts = StartFacts()
        facts.lastWithDedupeKey = Moment(milliseconds: now.milliseconds - 3_599_999)
        #expect(try decision(text, event(), facts) == "skip duplicate")
        facts.lastWithDedupeKey = Moment(milliseconds: now.milliseconds - 3_600_000)
        #expect(try decision(text, event(), facts) == "now []")
    }

    @Test func `starts above the rate wait for their turn`() throws {
        let definition = try Fixture(simple + "\nrateLimit: 2/s\nsteps: [{id: a, set: {x: 1}}]").definition
        var facts = StartFacts()
        var waits: [Int64] = []
        for _ in 0..<5 {
            let candidate = try #require(definition.candidate(for: event()))
            guard
                case .start(let disposition, _, let rate) = StartDecision(
                    definition, candidate, event(), facts, now: now)
            else { return }
            facts.rate = rate
            if case .queued(let time?) = disposition {
                waits.append(time.milliseconds - now.milliseconds)
            } else {
                waits.append(0)
            }
        }
        #expect(waits == [0, 0, 500, 1000, 1500])
    }

    @Test func `an event of the own chain about the same record starts nothing, and depth has an end`() throws
    {
        func chain(_ count: Int, _ workflow: String, _ record: String) -> Chain {
            let link = Chain.Link(run: RunID("r"), workflow: workflow, record: record)
            return Chain(root: "evt_0", links: Array(repeating: link, count: count))
        }
        let facts = StartFacts()
        #expect(try decision(simple, event(chain: chain(1, "w", "tkt_1")), facts) == "skip ownChain")
        #expect(try decision(simple, event(chain: chain(1, "w", "tkt_2")), facts) == "now []")
        #expect(try decision(simple, event(chain: chain(7, "v", "tkt_1")), facts) == "now []")
        #expect(try decision(simple, event(chain: chain(8, "v", "tkt_1")), facts) == "refused loop")
        let open = simple + "\nloops: {allowSelf: true, maxDepth: 2}"
        #expect(try decision(open, event(chain: chain(1, "w", "tkt_1")), facts) == "now []")
        #expect(try decision(open, event(chain: chain(2, "w", "tkt_1")), facts) == "refused loop")
    }

    @Test func `inputs are checked and have defaults`() throws {
        let text = """
            triggers: [{manual: {inputs: {n: {type: integer}, s: {type: string, required: false, default: x}}}}]
            steps: [{id: a, set: {x: 1}}]
            """
        let definition = try Fixture(text).definition
        func start(_ data: JSONValue) -> (String?, JSONValue) {
            let event = TriggerEvent(id: "e", type: "manual", ts: "2026-01-01T00:00:00Z", data: data)
            let (candidate, checked) = definition.manualCandidate(for: event)
            return (candidate.error?.message, checked.data)
        }
        #expect(start(["n": 1]) == (nil, ["n": 1, "s": "x"]))
        #expect(start([:]).0 == "the input `n` is missing")
        #expect(start(["n": "1"]).0 == "the input `n` is not of the type `integer`")
        #expect(start(["n": 1, "m": 2]).0 == "there is no input `m`")
    }
}
