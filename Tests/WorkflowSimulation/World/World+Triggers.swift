import JSON
import TestSupport
import WorkflowEngine

/// Schedules, inbound endpoints, and workflows that change.
extension World {
    // MARK: Schedules

    /// When a schedule has a time, as runs see time; nil when there are none any more.
    var nextSchedule: Moment? {
        schedules.filter { $0.left > 0 }.map { $0.next(after: wallClock) + ahead }.min()
    }

    /// Starts runs at the times that have come. The mark of a time and its run are one transaction.
    func runSchedules() throws {
        for number in schedules.indices where schedules[number].left > 0 {
            let schedule = schedules[number]
            let clock = wallClock
            if let time = schedule.due(at: clock) {
                if try die("before a commit of a schedule") { return }
                schedules[number].mark = time
                schedules[number].left -= 1
                try fire(schedule, at: time)
                if try die("after a commit of a schedule") { return }
            } else {
                // A clock that goes back must not bring passed times again.
                schedules[number].mark = max(schedule.mark, clock + (.zero - WorldSchedule.catchUp))
            }
        }
    }

    private func fire(_ schedule: WorldSchedule, at time: Moment) throws {
        let workflow = workflows[schedule.place]
        let event = newEvent("schedule", ["scheduledAt": .string(time.description)])
        let candidate = workflow.definition.candidate(for: event, schedule: schedule.trigger)
        try require(
            (candidate != nil) == schedule.holds,
            "a schedule of \(workflow.name) starts a run, or does not, against its condition")
        guard let candidate else { return }
        if candidate.error == nil {
            try require(candidate.trigger == schedule.trigger, "it is not the trigger of the schedule")
        }
        try start(workflow, candidate, event, caller: nil)
    }

    // MARK: Endpoints

    /// A request that some workflow starts with, and some wait may want.
    func receiveSomething() throws {
        guard requests > 0 else { return }
        requests -= 1
        let key = random.pick(["shared", "nobody"])
        if random.chance(15) { return try receive("e", "a text", key: "nobody") }
        var data: JSONObject = [
            "id": .string("r\(random.pick(0...1))"), "x": .number(JSONNumber(random.pick(1...2))),
        ]
        // What a wait for the key wants of a message, or what it does not.
        if random.chance(50) {
            data["ok"] = true
            data["n"] = 1
        }
        try receive("e", .object(data), key: key)
    }

    // MARK: Changes

    /// The next revision of some workflow becomes live; runs keep theirs.
    func change() throws {
        let changing = revisions.indices.filter { !revisions[$0].isEmpty }
        guard !changing.isEmpty else { return }
        let place = random.pick(changing)
        let model = revisions[place].removeFirst()
        workflows[place] = try WorldWorkflow(model, workflows[place].rules)
        note("a new revision of \(model.name)\(model.endsOlder ? ", which ends older runs" : "")")
        rollouts[place] = model.endsOlder ? true : nil
    }

    /// Asks the runs of older revisions to end, as `rollout: cancel` says.
    func rollOut() throws {
        guard let (place, endsRepeats) = rollouts.min(by: { $0.key < $1.key }) else { return }
        if try die("before a rollout") { return }
        let live = workflows[place]
        for run in active where run.workflow.name == live.name && run.workflow !== live {
            // Not a second time: that would cut its end short.
            guard run.facts.cancellation == nil, run.command != .cancel else { continue }
            guard endsRepeats || run.start.lineage == nil else { continue }
            note("\(run.id) is of an older revision")
            run.command = .cancel
        }
        rollouts[place] = nil
        _ = try die("after a rollout")
    }
}

extension ModelWorkflow {
    /// Whether an event that is not of a schedule starts it; all that happen have a number above zero, or are texts.
    func isStarted(by event: TriggerEvent) -> Bool {
        triggers.contains { trigger in
            switch trigger {
            case .event(let type, let holds): type == event.type && holds
            case .inbound(let endpoint): event.type == "inbound.\(endpoint)"
            case .schedule: false
            }
        }
    }

    /// Whether a condition or a key has no result for an event that starts it.
    func isUndecided(by event: TriggerEvent) -> Bool {
        if event.type == "schedule" { return needsData && (concurrency != nil || dedupe != nil) }
        return event.data.object == nil
    }
}
