import JSON

/// A random workflow as a model: what the oracle and the generator of the definition know about it. It shares no code with
/// the engine.
struct ModelStep: Sendable {
    indirect enum Action: Sendable {
        case set
        /// Answers by attempt, the last one for all further ones; 0 is no answer.
        case http(answers: [Int], maxAttempts: Int)
        case wait(Arrival, continues: Bool)
        case sleep(milliseconds: Int)
        case create
        case emit
        /// Fails when it is true, or in the iteration with that index.
        case fail(Always)
        case choose(taken: Int, [[ModelStep]])
        case parallel([[ModelStep]], failFast: Bool)
        case loop(count: Int, concurrency: Int, failFast: Bool, [ModelStep])
    }

    enum Always: Sendable { case yes, no, iteration(Int) }

    /// When the callback that a step waits for is called.
    enum Arrival: Sendable {
        case early, later, never
        /// Like `later`, but several steps wait for the same key, and any message will do.
        case shared
    }

    let id: String
    let action: Action
    var continueOnError = false
    var handler: [ModelStep]?
}

/// Makes models.
struct ModelGenerator {
    var random: SeededRandom
    private var count = 0
    private var budget: Int

    init(random: SeededRandom, budget: Int) {
        self.random = random
        self.budget = budget
    }

    mutating func steps(_ depth: Int = 0, inLoop: Bool = false) -> [ModelStep] {
        (0..<random.pick(depth == 0 ? 2...6 : 0...3)).compactMap { _ in
            guard budget > 0 else { return nil }
            budget -= 1
            return step(depth, inLoop)
        }
    }

    private mutating func step(_ depth: Int, _ inLoop: Bool) -> ModelStep {
        count += 1
        let id = "s\(count)"
        var step = ModelStep(id: id, action: action(depth, inLoop))
        step.continueOnError = random.chance(15)
        if random.chance(15), depth < 3 { step.handler = steps(depth + 1, inLoop: inLoop) }
        return step
    }

    private mutating func action(_ depth: Int, _ inLoop: Bool) -> ModelStep.Action {
        switch random.pick(0...(depth < 3 ? 13 : 9)) {
        case 0: return .set
        case 1, 2, 3:
            let choices = [200, 200, 202, 503, 503, 429, 0, 404]
            let answers = (0..<random.pick(1...4)).map { _ in choices[random.pick(0...7)] }
            return .http(answers: answers, maxAttempts: random.pick(1...4))
        case 4, 5:
            let arrivals: [ModelStep.Arrival] = [.early, .later, .shared, .never]
            return .wait(arrivals[random.pick(0...3)], continues: random.chance(70))
        case 6: return .sleep(milliseconds: random.pick(100...100_000))
        case 7: return .create
        case 8: return .emit
        case 9: return .fail(random.chance(50) ? .no : inLoop ? .iteration(random.pick(0...3)) : .yes)
        case 10:
            let branches = (0..<random.pick(1...3)).map { _ in steps(depth + 1, inLoop: inLoop) }
            return .choose(taken: random.pick(0...branches.count - 1), branches)
        case 11:
            let branches = (0..<random.pick(1...3)).map { _ in steps(depth + 1, inLoop: inLoop) }
            return .parallel(branches, failFast: random.chance(50))
        default:
            return .loop(
                count: random.pick(0...4), concurrency: random.pick(1...3), failFast: random.chance(50),
                steps(depth + 1, inLoop: true))
        }
    }
}

extension ModelStep {
    /// The step in a definition's canonical form.
    var json: JSONValue {
        var members: JSONObject = ["id": .string(id)]
        switch action {
        case .set: members["set"] = ["v": .string(id)]
        case .http(_, let maxAttempts):
            members["http"] = [
                "url": "https://example.com/", "body": ["run": "${run.id}", "x": "${event.data.x}"],
            ]
            members["retry"] = [
                "maxAttempts": .number(JSONNumber(maxAttempts)), "initialBackoff": "1s",
            ]
        case .wait(let arrival, let continues):
            var wait: JSONObject = ["match": "message.data.ok"]
            if case .shared = arrival {
                wait["inbound"] = "e"
                wait["key"] = "'k'"
            } else {
                wait["callback"] = [:]
            }
            if case .never = arrival { wait["timeout"] = "10m" }
            if continues { wait["onTimeout"] = "continue" }
            members["waitFor"] = .object(wait)
        case .sleep(let milliseconds): members["sleep"] = ["for": .string("\(milliseconds)ms")]
        case .create:
            members["create"] = ["record": "ticket", "set": ["subject": .string("${run.id} \(id)")]]
        case .emit: members["emit"] = ["type": "custom.x", "data": ["by": .string(id)]]
        case .fail(let always):
            members["fail"] = ["message": "as told"]
            switch always {
            case .yes: break
            case .no: members["if"] = "event.data.x < 0"
            case .iteration(let index): members["if"] = .string("item == \(index)")
            }
        case .choose(let taken, let branches):
            let cases = branches.enumerated().map { index, steps -> JSONValue in
                [
                    "if": .string(index == taken ? "event.data.x > 0" : "event.data.x < 0"),
                    "steps": Self.json(steps),
                ]
            }
            members["switch"] = ["cases": .array(cases)]
        case .parallel(let branches, let failFast):
            let named = branches.enumerated().map { ("b\($0.offset)", Self.json($0.element)) }
            members["parallel"] = ["branches": .object(JSONObject(named)), "failFast": .bool(failFast)]
        case .loop(let count, let concurrency, let failFast, let steps):
            members["forEach"] = [
                "items": .string("lists.range(\(count))"),
                "concurrency": .number(JSONNumber(concurrency)), "failFast": .bool(failFast),
                "steps": Self.json(steps),
            ]
        }
        if continueOnError { members["continueOnError"] = true }
        if let handler { members["catch"] = [["steps": Self.json(handler)]] }
        return .object(members)
    }

    static func json(_ steps: [ModelStep]) -> JSONValue { .array(steps.map(\.json)) }

    /// The step and all inside of it.
    var all: [ModelStep] {
        var inner = handler ?? []
        switch action {
        case .choose(_, let branches), .parallel(let branches, _): inner += branches.flatMap { $0 }
        case .loop(_, _, _, let steps): inner += steps
        default: break
        }
        return [self] + inner.flatMap(\.all)
    }
}
