/// What has to come of a model, worked out by recursion: no journal, no time, no messages.
///
/// Where branches race, because one of them may end the others, it says nothing about their steps.
struct Oracle {
    /// By `id` and, in loops, the indices: `s3[1,0]`.
    private(set) var statuses: [String: String] = [:]
    /// Created records by their step, where it is sure how many there are.
    private(set) var creations: [String: Int] = [:]
    /// Steps that race; nothing is known about them.
    private(set) var uncertain: Set<String> = []
    private(set) var isSuccess = true

    init(_ steps: [ModelStep], finally: [ModelStep]) {
        isSuccess = block(steps, [], certain: true)
        if !block(finally, [], certain: true) { isSuccess = false }
    }

    /// Whether the list of steps succeeds.
    private mutating func block(_ steps: [ModelStep], _ iteration: [Int], certain: Bool) -> Bool {
        for step in steps where !run(step, iteration, certain: certain) && !step.continueOnError {
            return false
        }
        return true
    }

    private mutating func run(_ step: ModelStep, _ iteration: [Int], certain: Bool) -> Bool {
        let name =
            iteration.isEmpty
            ? step.id : "\(step.id)[\(iteration.map(String.init).joined(separator: ","))]"
        if !certain { uncertain.insert(step.id) }
        if case .fail(let always) = step.action, !happens(always, iteration) {
            note(name, "skipped", certain)
            return true
        }
        var succeeds = action(step, iteration, certain: certain)
        if !succeeds, let handler = step.handler { succeeds = block(handler, iteration, certain: certain) }
        note(name, succeeds ? "succeeded" : "failed", certain)
        return succeeds
    }

    private mutating func note(_ name: String, _ status: String, _ certain: Bool) {
        if certain { statuses[name] = status }
    }

    private func happens(_ always: ModelStep.Always, _ iteration: [Int]) -> Bool {
        switch always {
        case .yes: true
        case .no: false
        case .iteration(let index): iteration.last == index
        }
    }

    private mutating func action(_ step: ModelStep, _ iteration: [Int], certain: Bool) -> Bool {
        switch step.action {
        case .set, .sleep, .emit: return true
        case .create:
            creations[step.id, default: 0] += 1
            return true
        case .fail: return false
        case .http(let answers, let maxAttempts): return request(answers, maxAttempts)
        case .wait(.never, let continues): return continues
        case .wait: return true
        case .choose(let taken, let branches): return block(branches[taken], iteration, certain: certain)
        case .parallel(let branches, let failFast):
            // A first pass that changes nothing says whether any of them fails.
            let fails = branches.contains { !succeeds($0, iteration) }
            let isCertain = certain && !(fails && failFast && branches.count > 1)
            for branch in branches { _ = block(branch, iteration, certain: isCertain) }
            return !fails
        case .loop(let count, let concurrency, let failFast, let steps):
            let fails = (0..<count).contains { !succeeds(steps, iteration + [$0]) }
            let isCertain = certain && !(fails && failFast && concurrency > 1)
            for index in 0..<count {
                let succeeds = block(steps, iteration + [index], certain: isCertain)
                if !succeeds, failFast, isCertain { break }
            }
            return !fails
        }
    }

    private func succeeds(_ steps: [ModelStep], _ iteration: [Int]) -> Bool {
        var copy = self
        return copy.block(steps, iteration, certain: false)
    }

    private func request(_ answers: [Int], _ maxAttempts: Int) -> Bool {
        for attempt in 0..<maxAttempts {
            let answer = answers[min(attempt, answers.count - 1)]
            if 200..<300 ~= answer { return true }
            if answer == 404 { return false }
        }
        return false
    }
}
