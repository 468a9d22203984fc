import JSON
import Resources
import Synchronization

@testable import WorkflowEngine

/// One random workflow, run through crashes, late and doubled inputs and a clock that jumps, against the oracle.
struct Simulation {
    let seed: UInt64
    private let steps: [ModelStep]
    private let finally: [ModelStep]
    private let definition: WorkflowDefinition
    private var random: SeededRandom
    private let ledger = Ledger()
    private var shell: VirtualShell
    private static let run = RunID("run")
    private static let start = Moment(milliseconds: 1_767_225_600_000)

    /// What went out of the process: requests are seen by the other side, whatever becomes of the process.
    private final class Ledger: Sendable {
        struct Sent: Hashable {
            let step: StepAddress
            let key: String
            let body: String
        }

        private let state = Mutex<(sent: Set<Sent>, count: Int)>(([], 0))

        var sent: Set<Sent> { state.withLock { $0.sent } }

        func add(_ step: StepAddress, _ plan: RequestPlan) {
            state.withLock { state in
                state.sent.insert(
                    Sent(step: step, key: plan.idempotencyKey, body: plan.json.text))
                state.count += 1
            }
        }
    }

    struct Finding: Error, CustomStringConvertible {
        let description: String
    }

    init(seed: UInt64) throws {
        self.seed = seed
        var generator = ModelGenerator(random: SeededRandom(seed: seed), budget: 24)
        steps = generator.steps()
        finally = generator.random.chance(30) ? generator.steps(2) : []
        random = SeededRandom(seed: generator.random.next())
        let canonical: JSONValue = [
            "apiVersion": "sync.zentra.dev/v1", "kind": "Workflow", "metadata": ["name": "w"],
            "spec": [
                "triggers": [["event": "custom.start"]], "steps": ModelStep.json(steps),
                "finally": ModelStep.json(finally),
            ],
        ]
        definition = try WorkflowDefinition(Resource(canonical: canonical.text))
        let models = Dictionary((steps + finally).flatMap(\.all).map { ($0.id, $0) }) { first, _ in first }
        let (crashes, salt, ledger) = (random.pick(0...60), random.next(), ledger)
        shell = VirtualShell(
            workflows: [definition], now: Self.start,
            answer: { _, step, attempt, plan in
                ledger.add(step, plan)
                guard case .http(let answers, _) = models[step.step]?.action else {
                    return (.failed(.network, message: "not a request", mayHaveArrived: false), .zero)
                }
                var random = SeededRandom(seed: salt &+ UInt64(attempt))
                let delay = Duration.milliseconds(random.pick(0...20_000))
                let status = answers[min(attempt, answers.count) - 1]
                if status == 0 {
                    return (.failed(.network, message: "reset", mayHaveArrived: true), delay)
                }
                return (.answered(status: status), delay)
            },
            diesAfter: { commit in
                var random = SeededRandom(seed: salt ^ UInt64(commit))
                return random.chance(crashes)
            })
    }

    /// Plays it to its end; returns how many steps were committed.
    mutating func play() throws -> Int {
        let event = TriggerEvent(
            id: "evt", type: "custom.start", ts: Self.start.description, data: ["x": 1])
        callEarly(before: true)
        shell.start(
            RunStart(
                run: Self.run, event: event,
                chain: StartDecision.chain(of: Self.run, workflow: "w", event: event)), of: definition)
        callEarly(before: false)
        try playOn()
        try check()
        return state.orderedSteps.filter { $0.state.status.isFinal }.count
    }

    private var state: RunState { shell.runs[Self.run]?.state ?? RunState() }

    private var calls = 0

    private mutating func call(_ step: StepAddress, ok: Bool = true, run: RunID = Simulation.run) {
        calls += 1
        let message = WaitMessage(id: "m\(calls)", data: ["ok": .bool(ok)], receivedAt: shell.now)
        var target = VirtualMessage.Target.callback(run, step)
        if case .inbound(let endpoint, let key) = state.steps[step]?.wait?.source, run == Self.run {
            target = .endpoint(endpoint, key: key)
        }
        shell.receive(VirtualMessage(target: target, message: message))
    }

    /// Callbacks that come before their step waits. Those that come before the run are for nobody.
    private mutating func callEarly(before: Bool) {
        let waits = (steps + finally).flatMap(\.all)
        for step in waits {
            guard case .wait(let arrival, _) = step.action else { continue }
            for address in addresses(of: step.id) {
                if before {
                    if random.chance(20) { call(address, run: RunID("another")) }
                } else if case .early = arrival {
                    if random.chance(30) { call(address, ok: false) }
                    call(address)
                }
            }
        }
    }

    /// A step may be in up to four loops with up to four iterations each; only small ones are called early.
    private func addresses(of id: String) -> [StepAddress] {
        guard let index = definition.byID[id] else { return [] }
        var iterations: [[Int]] = [[]]
        for _ in definition.steps[index].loops {
            iterations = iterations.flatMap { prefix in (0..<5).map { prefix + [$0] } }
        }
        return iterations.map { StepAddress(id, iteration: $0) }
    }

    private mutating func playOn() throws {
        var models: [String: ModelStep] = [:]
        for step in (steps + finally).flatMap(\.all) { models[step.id] = step }
        var turns = 0
        while !state.status.isFinal {
            turns += 1
            guard turns < 20_000 else { throw Finding(description: "it never ends") }
            disturb()
            guard !state.status.isFinal else { break }
            let waiting = state.waits.filter { wait in
                switch models[wait.step.step]?.action {
                case .wait(.later, _), .wait(.shared, _): true
                default: false
                }
            }
            if let wait = waiting.randomElement(using: &random), random.chance(30) || shell.nextDue == nil {
                if random.chance(30) { call(wait.step, ok: false) }
                call(wait.step)
                if random.chance(30) { call(wait.step) }
                continue
            }
            // The timeout of the whole run, in 90 days, never comes first: something else is due before.
            guard let next = shell.nextDue, next < Self.start + .seconds(80 * 86_400) else {
                guard let wait = waiting.first else {
                    throw Finding(description: "a wake-up was lost: \(state.summary)")
                }
                call(wait.step)
                continue
            }
            shell.now = max(shell.now, next)
            shell.work()
        }
        shell.work()
    }

    /// What should make no difference.
    private mutating func disturb() {
        switch random.pick(0...19) {
        case 0: shell.crash()
        case 1: shell.now = shell.now + .seconds(random.pick(1...3_600))
        case 2: shell.now = max(Self.start, Moment(milliseconds: shell.now.milliseconds - 3_600_000))
        case 3:
            for timer in state.timers.prefix(3) where timer.at > shell.now {
                shell.input(.timer(timer.id), to: Self.run)
            }
        case 4:
            if let step = state.orderedSteps.randomElement(using: &random) {
                let stale = max(0, step.state.attempts - 1)
                shell.input(
                    .http(step.address, attempt: stale, .answered(status: 404)), to: Self.run)
                shell.input(.timer(.retry(StepAddress("nobody"))), to: Self.run)
                shell.input(
                    .child(step.address, attempt: 1, .succeeded(outputs: ["stray": true])), to: Self.run)
            }
        case 5: call(StepAddress("nobody"))
        default: break
        }
    }

    // MARK: Properties

    private func check() throws {
        let oracle = Oracle(steps, finally: finally)
        func require(_ holds: Bool, _ message: @autoclosure () -> String) throws {
            if !holds { throw Finding(description: message()) }
        }
        try require(
            state.status == (oracle.isSuccess ? .succeeded : .failed),
            "the run is \(state.status), success is \(oracle.isSuccess): \(String(describing: state.error))")
        for (name, status) in oracle.statuses {
            let actual = StepAddress(parsing: name).flatMap { state.steps[$0]?.status.rawValue } ?? "absent"
            try require(actual == status, "\(name) is \(actual), not \(status)")
        }
        for (address, step) in state.orderedSteps {
            let isKnown =
                oracle.statuses[address.description] != nil || oracle.uncertain.contains(address.step)
            try require(isKnown, "\(address) ran, and should not have")
            try require(step.status.isFinal, "\(address) is left \(step.status)")
        }
        try checkJournal(require)
        try checkKeys(require)
        try checkRecords(oracle, require)
        let journal = shell.runs[Self.run]?.journal ?? []
        let replayed = RunState(entries: try journal.map { text in try JournalEntry(text: text) })
        try require(replayed.summary == state.summary, "the journal does not make the state")
    }

    /// No step begins or ends twice, no time comes too early, no message is used twice.
    private func checkJournal(_ require: (Bool, @autoclosure () -> String) throws -> Void) throws {
        var begun: Set<StepAddress> = []
        var ended: Set<StepAddress> = []
        var messages: Set<String> = []
        var due: [StepAddress: Moment] = [:]
        for text in shell.runs[Self.run]?.journal ?? [] {
            let entry = try JournalEntry(text: text)
            guard let step = entry.step else { continue }
            switch entry.fact {
            case .started: try require(begun.insert(step).inserted, "\(step) began twice")
            case .sleeping(let until): due[step] = until
            case .retrying(let at, _): due[step] = at
            case .sending: try require(entry.at >= due[step] ?? entry.at, "\(step) was sent too early")
            case .received(let message):
                try require(messages.insert(message).inserted, "\(message) was used twice")
            case .ended(let status, _, _):
                try require(ended.insert(step).inserted, "\(step) ended twice")
                if status == .succeeded, let due = due[step] {
                    try require(entry.at >= due, "\(step) woke up too early")
                }
            default: break
            }
        }
    }

    /// Every attempt of a step is the same request with the same key, and no two steps have the same key.
    private func checkKeys(_ require: (Bool, @autoclosure () -> String) throws -> Void) throws {
        let sent = ledger.sent
        try require(Set(sent.map(\.step)).count == sent.count, "a step sent two different requests")
        try require(Set(sent.map(\.key)).count == sent.count, "two steps have the same key")
    }

    private func checkRecords(
        _ oracle: Oracle, _ require: (Bool, @autoclosure () -> String) throws -> Void
    ) throws {
        var created: [String: Int] = [:]
        for record in shell.records.all(.ticket) {
            let id = record["subject"]?.string?.split(separator: " ").last.map(String.init) ?? ""
            created[id, default: 0] += 1
        }
        for (step, count) in created {
            let journaled = state.steps.filter { $0.key.step == step && $0.value.status == .succeeded }.count
            try require(journaled == count, "\(step) made \(count) records in \(journaled) steps")
        }
        for (step, count) in oracle.creations where !oracle.uncertain.contains(step) {
            try require(created[step] == count, "\(step) made \(created[step] ?? 0) records, not \(count)")
        }
    }
}
