import TestSupport

/// Makes models.
struct ModelGenerator {
    var random: SeededRandom
    private var count = 0
    private var budget = 0
    /// Workflows that steps may call, and events that start workflows.
    private var callees: [String] = []
    private var events: [String] = []
    /// What the steps of the workflow take a number from.
    private var number = "event.data.x"

    init(random: SeededRandom) { self.random = random }

    /// A workflow that events start, and up to two more that it may call or set off; each with the revisions that it will
    /// have, one after the other.
    mutating func workflows() -> [[ModelWorkflow]] {
        let names = ["w0", "w1", "w2"].prefix(random.pick([1, 1, 2, 3]))
        return names.indices.map { index in
            callees = names.dropFirst(index + 1).map { $0 }
            events = names.dropFirst().map { "custom.\($0)" }
            let first = workflow(names[index], isFirst: index == 0)
            return (0..<random.pick([0, 0, 1, 2])).reduce(into: [first]) { revisions, _ in
                revisions.append(revised(first, isFirst: index == 0))
            }
        }
    }

    /// The same rules and triggers, and other steps.
    private mutating func revised(_ first: ModelWorkflow, isFirst: Bool) -> ModelWorkflow {
        var workflow = first
        fill(&workflow, isFirst: isFirst)
        workflow.endsOlder = random.chance(60)
        return workflow
    }

    private mutating func workflow(_ name: String, isFirst: Bool) -> ModelWorkflow {
        var workflow = ModelWorkflow(name: name)
        workflow.triggers = triggers(name)
        fill(&workflow, isFirst: isFirst)
        workflow.maxDepth = random.pick(isFirst ? 1...8 : 1...3)
        workflow.allowSelf = random.chance(40)
        if isFirst {
            if random.chance(40) {
                workflow.concurrency = .init(
                    limit: random.pick(1...2),
                    onConflict: random.pick(["queue", "skip", "cancelRunning", "fail"]))
            }
            if random.chance(20) { workflow.dedupe = random.pick(1...7_200) }
        } else if random.chance(30) {
            workflow.concurrency = .init(limit: random.pick(1...2), onConflict: "queue")
        }
        if random.chance(15) { workflow.rate = random.pick(1...3) }
        workflow.needsData = workflow.isScheduled && random.chance(25)
        return workflow
    }

    /// What it does.
    private mutating func fill(_ workflow: inout ModelWorkflow, isFirst: Bool) {
        // The event of a schedule has no number.
        number = workflow.isScheduled || random.chance(30) ? "vars.by" : "event.data.x"
        budget = isFirst ? 24 : 6
        workflow.steps = steps()
        budget = max(budget, 3)
        if random.chance(25) { workflow.onFailure = steps(2) }
        budget = max(budget, 3)
        if random.chance(40) { workflow.finally = steps(2) }
        workflow.pauses = random.chance(25)
        if random.chance(10) { workflow.timeout = random.pick(1...30) }
    }

    private mutating func triggers(_ name: String) -> [ModelWorkflow.Trigger] {
        var triggers = [ModelWorkflow.Trigger.event("custom.\(name)", holds: true)]
        func add(_ trigger: ModelWorkflow.Trigger) {
            triggers.insert(trigger, at: random.pick(0...triggers.count))
        }
        if random.chance(15) { add(.event("custom.\(name)", holds: false)) }
        if random.chance(25) { add(.inbound("e")) }
        let schedules = [[], [], [], [5], [15], [60], [60, 5], [15, 30]]
        for minutes in random.pick(schedules) { add(.schedule(minutes: minutes, holds: random.chance(85))) }
        return triggers
    }

    private mutating func steps(_ depth: Int = 0, _ loops: [String] = []) -> [ModelStep] {
        (0..<random.pick(depth == 0 ? 2...6 : 0...3)).compactMap { _ in
            guard budget > 0 else { return nil }
            budget -= 1
            return step(depth, loops)
        }
    }

    private mutating func step(_ depth: Int, _ loops: [String]) -> ModelStep {
        count += 1
        let id = "s\(count)"
        var step = ModelStep(id: id, action: action(id, depth, loops), loops: loops)
        step.number = number
        if random.chance(8) { step.condition = random.chance(60) }
        if !step.holdsSteps, random.chance(step.isRequest ? 80 : 25) { step.maxAttempts = random.pick(1...4) }
        step.continueOnError = random.chance(12)
        if random.chance(15), depth < 3 {
            if random.chance(30) { step.handlers.append(.init(fits: false, steps: steps(depth + 1, loops))) }
            if random.chance(80) { step.handlers.append(.init(fits: true, steps: steps(depth + 1, loops))) }
        }
        return step
    }

    private mutating func action(_ id: String, _ depth: Int, _ loops: [String]) -> ModelStep.Action {
        switch random.pick(0...(depth < 3 ? 27 : 19)) {
        case 0, 1: return .set
        case 2, 3, 4, 5: return .http(request())
        case 6, 7, 8: return .wait(wait())
        case 9:
            let time = random.pick(1...100_000)
            return .sleep(milliseconds: time + 100, timeout: random.chance(20) ? max(100, time / 2) : nil)
        case 10: return .sleepUntil(milliseconds: random.pick(-1_000_000...20_000_000))
        case 11: return .create
        case 12: return .update(isKnown: random.chance(70))
        case 13: return .upsert
        case 14: return .find(isKnown: random.chance(60))
        case 15: return .emit(type: loops.isEmpty && !events.isEmpty ? random.pick(events) : "custom.x")
        case 16: return .fail(loops.isEmpty ? .yes : .iteration(random.pick(0...3)))
        case 17: return random.chance(30) ? .broken : .set
        case 18, 19:
            guard loops.count < 2, !callees.isEmpty else { return .http(request()) }
            return .call(workflow: random.chance(90) ? random.pick(callees) : nil)
        case 20, 21:
            let blocks = (0..<random.pick(1...4)).map { _ in steps(depth + 1, loops) }
            return .choose(taken: random.pick(0...blocks.count - 1), blocks)
        case 22, 23, 24:
            let blocks = (0..<random.pick(1...3)).map { _ in steps(depth + 1, loops) }
            return .parallel(blocks, failFast: random.chance(60))
        case 25: return .endless(steps(depth + 1, loops), wait: "\(id)w")
        default:
            return .loop(
                count: random.pick(0...4), concurrency: random.pick(1...3), failFast: random.chance(60),
                steps(depth + 1, loops + [id]))
        }
    }

    private mutating func request() -> ModelRequest {
        ModelRequest(
            answers: [answers(), random.chance(60) ? [.status(200, retryAfter: nil)] : answers()],
            method: random.pick(["POST", "POST", "PUT", "GET"]), isAtMostOnce: random.chance(20),
            takesNotFound: random.chance(15), hasOutputs: random.chance(40))
    }

    private mutating func answers() -> [ModelRequest.Answer] {
        (0..<random.pick(1...4)).map { _ in
            switch random.pick(0...9) {
            case 0, 1, 2, 3: .status(random.pick([200, 200, 202]), retryAfter: nil)
            case 4: .status(503, retryAfter: nil)
            case 5: .status(429, retryAfter: random.pick([0, 5, 30, 600]))
            case 6: .status(404, retryAfter: nil)
            case 7: .reset
            case 8: .refused
            default: .late
            }
        }
    }

    private mutating func wait() -> ModelWait {
        let arrival = random.pick([ModelWait.Arrival.early, .later, .shared, .never])
        var source = random.pick([ModelWait.Source.callback, .inbound, .event])
        if case .shared = arrival, case .callback = source { source = .inbound }
        let timeout: Int? =
            switch arrival {
            case .never: random.pick(1...60)
            case .early where random.chance(50): random.pick(1...60)
            default: nil
            }
        return ModelWait(
            source: source, arrival: arrival, timeout: timeout,
            continues: timeout != nil && random.chance(60), isNamed: random.chance(40))
    }
}

extension ModelStep {
    fileprivate var isRequest: Bool {
        if case .http = action { true } else { false }
    }
}
