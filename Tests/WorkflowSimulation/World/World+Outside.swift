import JSON
import Resources
import TestSupport
import WorkflowEngine

/// What happens by itself or comes from outside, in an order that is left to chance.
extension World {
    /// Plays until every run has ended.
    func play() throws {
        var starts = random.pick(1...3)
        var turns = 0
        while true {
            turns += 1
            guard turns < 20_000 else { throw Finding("it never ends: \(active.map(\.state.summary))") }
            if starts > 0, active.isEmpty || random.chance(3) {
                starts -= 1
                if random.chance(25) { try receiveSomething() }
                try post(
                    "custom.w0",
                    ["id": .string("r\(random.pick(0...1))"), "x": .number(JSONNumber(random.pick(1...2)))],
                    from: nil)
            }
            if let run = repeats.popLast() { try repeatRun(run) }
            if random.chance(2) { try change() }
            if active.isEmpty {
                if starts > 0 { continue }
                guard let next = nextSchedule else { break }
                now = max(now, next)
                try runSchedules()
                continue
            }
            if random.chance(25) { try disturb() } else { try goOn() }
        }
        try conclude()
    }

    /// Steps that were committed.
    var count: Int { order.reduce(0) { $0 + $1.history.count } }

    private func goOn() throws {
        if random.chance(50) { try runSchedules() }
        if random.chance(50) { try rollOut() }
        releaseQueued()
        let ready = active.filter(hasWork)
        let due = exchanges.indices.filter { exchanges[$0].due <= now }
        if !ready.isEmpty || !due.isEmpty {
            let choice = random.pick(0...ready.count + due.count - 1)
            if choice < ready.count { return try turn(ready[choice]) }
            return try hear(exchanges.remove(at: due[choice - ready.count]))
        }
        let expected = expectedMessages()
        let next = nextDue
        if !expected.isEmpty, next == nil || random.chance(30) {
            return deliver(random.pick(expected))
        }
        if let paused = active.first(where: { $0.state.status == .paused }), next == nil || random.chance(10)
        {
            return decide(about: paused)
        }
        guard let next else {
            throw Finding("a wake-up was lost: \(active.map { "\($0.id) \($0.state.summary)" })")
        }
        now = max(now, next)
    }

    private func hear(_ exchange: Exchange) throws {
        guard exchange.run.outstanding[exchange.step] == exchange.attempt else {
            throw Finding("an answer for \(exchange.step), which waits for none")
        }
        try turn(
            exchange.run, heard: [.http(exchange.step, attempt: exchange.attempt, exchange.outcome)])
    }

    private func hasWork(_ run: WorldRun) -> Bool {
        guard run.exists else { return true }
        if run.mayBegin || run.isLost || run.command != nil { return true }
        if let wakeAt = run.wakeAt, wakeAt <= now { return true }
        for (step, wait) in run.waits where !mail(for: wait, step, run).isEmpty { return true }
        return run.calls.contains { runs[Self.child(of: run.id, $0.step, $0.attempt)]?.isFinal == true }
    }

    /// When something will happen by itself; nil when nothing will for weeks, which is the timeout of a run.
    private var nextDue: Moment? {
        var next = Moment(milliseconds: now.milliseconds + 35 * 86_400_000)
        var isFound = false
        func look(_ time: Moment?) {
            if let time, time < next { (next, isFound) = (time, true) }
        }
        for exchange in exchanges { look(exchange.due) }
        look(nextSchedule)
        for run in active {
            look(run.wakeAt)
            if run.isQueued { look(run.notBefore) }
        }
        return isFound ? next : nil
    }

    // MARK: Messages

    /// Waits whose message comes later.
    private func expectedMessages() -> [(run: WorldRun, step: StepAddress, wait: ModelWait)] {
        active.flatMap { run in
            run.state.waits.compactMap { step, _ in
                guard case .wait(let wait) = run.workflow.step(step)?.action else { return nil }
                switch wait.arrival {
                case .later, .shared: return (run, step, wait)
                case .early, .never: return nil
                }
            }
        }
    }

    private func deliver(_ expected: (run: WorldRun, step: StepAddress, wait: ModelWait)) {
        let target = expected.wait.target(expected.run.id, expected.step)
        if random.chance(30) { send(to: target, isWanted: false) }
        send(to: target, isWanted: true)
        if random.chance(30) { send(to: target, isWanted: true) }
    }

    private func send(to target: WorldMessage.Target, isWanted: Bool) {
        let data: JSONValue =
            isWanted
            ? ["ok": true, "n": .number(JSONNumber(random.pick(1...2)))]
            : random.chance(50) ? ["ok": false, "n": 9] : ["other": true]
        let message = WaitMessage(id: "msg_\(mailbox.count)", data: data, receivedAt: now)
        note("message \(message.id) to \(target): \(data)")
        store(WorldMessage(target: target, message: message, isWanted: isWanted))
    }

    /// Messages that come when the run is there, and its steps do not wait yet.
    func sendEarly(_ run: WorldRun) {
        for step in run.workflow.waits {
            guard case .wait(let wait) = step.action else { continue }
            for iteration in run.workflow.iterations(of: step) {
                let target = wait.target(run.id, StepAddress(step.id, iteration: iteration))
                switch wait.arrival {
                case .early:
                    if random.chance(30) { send(to: target, isWanted: false) }
                    send(to: target, isWanted: true)
                case .never: if random.chance(20) { send(to: target, isWanted: false) }
                case .later, .shared: break
                }
            }
        }
    }

    // MARK: People

    /// A person lets a paused run go on, a few times, and gives up then.
    private func decide(about run: WorldRun) {
        let paused = run.state.live.filter { run.state.steps[$0]?.isPaused == true }
        guard paused.allSatisfy({ (run.resumptions[$0] ?? 0) < 4 }), !random.chance(3) else {
            run.command = .cancel
            return
        }
        for step in paused { run.resumptions[step, default: 0] += 1 }
        run.command = .resume
    }

    // MARK: What should make no difference

    private func disturb() throws {
        let run = random.pick(active)
        switch random.pick(0...39) {
        case 0...4: try crash()
        case 5...7: setForward(.seconds(random.pick(1...3_600)))
        case 8...10: setBack(.seconds(random.pick(1...3_600)), isSeen: random.chance(50))
        case 11...14:
            let early = run.state.timers(ahead: ahead).prefix(3).filter { $0.at > now }
            try turn(run, heard: early.map { .timer($0.id) })
        case 15...20: try turn(run, heard: stale(run))
        case 21: try turn(run, heard: [.begin].filter { _ in run.state.beganAt != nil })
        case 22: if run.state.status != .paused { run.command = run.command ?? .resume }
        case 23: send(to: .callback(run.id, StepAddress("nobody")), isWanted: true)
        case 24: send(to: .inbound("nobody"), isWanted: true)
        case 25: if random.chance(20) { run.command = .cancel }
        case 26: if run.facts.cancellation != nil { run.command = .cancel }
        case 27: if random.chance(30) { try receiveSomething() }
        default: break
        }
    }

    /// Inputs that no longer fit, or never did.
    private func stale(_ run: WorldRun) -> [RunInput] {
        guard let (address, step) = run.state.steps.isEmpty ? nil : random.pick(run.state.orderedSteps) else {
            return []
        }
        var inputs: [RunInput] = [
            .http(address, attempt: step.attempts - 1, .answered(status: 404)),
            .child(address, attempt: step.attempts - 1, .succeeded(outputs: ["stray": true])),
            .timer(.retry(StepAddress("nobody"))),
        ]
        if step.sleepUntil.map({ $0 > now }) ?? true { inputs.append(.timer(.sleep(address))) }
        if !step.isSending {
            inputs.append(.http(address, attempt: step.attempts, .answered(status: 200)))
        }
        if !step.isCalling {
            inputs.append(.child(address, attempt: step.attempts, .succeeded(outputs: [:])))
        }
        return inputs
    }
}
