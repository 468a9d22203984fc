import JSON
import Resources
import Testing
import WorkflowSimulation

@testable import WorkflowEngine

/// A workflow of a text, and a run of it that a test drives by hand.
///
/// After every transition the state is made again from the text of the journal and must come to the same, so every test is
/// one of replay too.
struct Fixture {
    let definition: WorkflowDefinition
    let engine: WorkflowEngine
    private(set) var state = RunState()
    private(set) var journal: [String] = []
    private(set) var effects: [Effect] = []
    private(set) var now = Moment(milliseconds: 1_790_000_000_000)
    /// Answers to record operations, the next first.
    var results: [RecordResult] = []
    private(set) var operations: [RecordOperation] = []

    init(_ spec: String, hasPublicURL: Bool = true) throws {
        let header = "apiVersion: sync.zentra.dev/v1\nkind: Workflow\nmetadata: {name: w}\nspec:\n"
        let body = spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
        let secrets = ["host", "token", "routing"].map {
            "---\napiVersion: sync.zentra.dev/v1\nkind: SecretReference\nmetadata: {name: \($0)}\n"
                + "spec: {from: {env: X}}\n"
        }
        let other =
            "---\napiVersion: sync.zentra.dev/v1\nkind: Workflow\nmetadata: {name: v}\nspec:\n"
            + "  triggers: [{manual: {inputs: {n: {type: integer}}}}]\n  steps: [{id: a, set: {x: 1}}]\n"
        let text = header + body.joined(separator: "\n") + "\n" + secrets.joined() + other
        var loader = Loader()
        let loaded = loader.load([
            ConfigurationFile(path: "w.yaml", contentID: "1", bytes: Array(text.utf8))
        ])
        try #require(loaded.isValid, "\(loaded.errors.map(\.message))")
        let resource = try #require(try loaded.desiredState()[ResourceID(.workflow, "w")])
        definition = try WorkflowDefinition(resource)
        engine = WorkflowEngine { run, step in
            hasPublicURL ? "https://example.com/callbacks/\(run)/\(step)" : nil
        }
    }

    static let ticket: JSONValue = ["id": "tkt_1", "key": "INC-41", "priority": "critical", "n": 3]

    mutating func start(
        _ data: JSONValue = Fixture.ticket, type: String = "custom.x", run: String = "run_1",
        disposition: RunStart.Disposition = .now
    ) throws {
        let event = TriggerEvent(id: "evt_1", type: type, ts: now.description, data: data)
        try apply(
            .start(
                RunStart(
                    run: RunID(run), event: event,
                    chain: StartDecision.chain(of: RunID(run), workflow: "w", event: event),
                    disposition: disposition)))
    }

    mutating func apply(_ input: RunInput) throws {
        var transition = engine.advance(definition, state, input, now: now)
        while let operation = transition.operation {
            operations.append(operation)
            transition = engine.answer(transition, with: results.removeFirst())
        }
        journal += transition.entries.map(\.text)
        effects = transition.effects
        state = transition.state
        let replayed = RunState(entries: try journal.map { text in try JournalEntry(text: text) })
        #expect(replayed.summary == state.summary)
        state = replayed
    }

    mutating func pass(_ duration: Duration) { now = now + duration }

    /// Lets the time pass until the earliest timer, and fires it.
    mutating func fireNext() throws {
        let next = try #require(state.timers.first)
        now = max(now, next.at)
        try apply(.timer(next.id))
    }

    mutating func answer(
        _ step: String, _ status: Int, _ body: String = "", retryAfter: Duration? = nil
    ) throws {
        let address = try #require(StepAddress(parsing: step))
        try apply(
            .http(
                address, attempt: state.steps[address]?.attempts ?? 0,
                .answered(status: status, body: Array(body.utf8), retryAfter: retryAfter)))
    }

    mutating func message(_ step: String, _ id: String, _ data: JSONValue = [:]) throws {
        try apply(
            .message(
                try #require(StepAddress(parsing: step)), WaitMessage(id: id, data: data, receivedAt: now)))
    }

    func status(_ step: String) -> StepStatus? {
        StepAddress(parsing: step).flatMap { state.steps[$0]?.status }
    }
    func outputs(_ step: String) -> JSONValue {
        .object(StepAddress(parsing: step).flatMap { state.steps[$0]?.outputs } ?? [:])
    }
    func error(_ step: String) -> StepError? { StepAddress(parsing: step).flatMap { state.steps[$0]?.error } }

    /// What requests went out in the last transition.
    var sent: [(step: String, attempt: Int, plan: RequestPlan)] {
        effects.compactMap { effect in
            if case .send(let step, let attempt, let plan) = effect {
                (step.description, attempt, plan)
            } else {
                nil
            }
        }
    }
}
