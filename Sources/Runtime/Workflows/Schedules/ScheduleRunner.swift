import Logging
import Resources
import ServiceLifecycle
import Store
import WorkflowEngine

/// Starts runs at the times of schedules.
///
/// Each time is dealt with once: the mark of it and the run are one transaction. After a stop the last time that was
/// missed is caught up with, unless it is older than an hour.
struct ScheduleRunner: Service {
    let store: Store
    let ingest: Ingest
    let live: ConfigurationWatcher
    let heartbeats: Heartbeats
    let clock: any WallClock
    let logger: Logger

    static let interval = Duration.seconds(1)
    /// How old a missed time may be.
    static let catchUp = Duration.seconds(3600)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                heartbeats.beat("schedules")
                do {
                    _ = try await runOnce(now: clock.now())
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("cannot look after schedules", metadata: ["error": "\(error)"])
                }
                // A cancelled sleep ends the loop.
                try? await clock.sleep(for: Self.interval)
            }
        }
        heartbeats.end("schedules")
    }

    /// One round; returns how many runs it started.
    func runOnce(now: UnixTime) async throws -> Int {
        let configuration = live.current
        guard configuration.serial > 0 else { return 0 }
        let schedules = configuration.orderedWorkflows.flatMap { workflow in
            workflow.schedules.map { (workflow, $0) }
        }
        let marks = Set(schedules.map { ScheduleMark(workflow: $0.name, schedule: $1.text) })
        var known = try await store.scheduleMarks()
        if Set(known.keys) != marks {
            try await store.configureSchedules(marks, now: now)
            known = try await store.scheduleMarks()
        }
        var count = 0
        for (workflow, schedule) in schedules {
            let mark = ScheduleMark(workflow: workflow.name, schedule: schedule.text)
            guard let last = known[mark] else { continue }
            if last > now + Self.catchUp { try await goBack(workflow, mark, from: last, to: now) }
            guard last < now else { continue }
            let earliest = max(last, now - Self.catchUp)
            if let time = schedule.times.last(upTo: now, after: earliest) {
                if try await fire(workflow, schedule, mark, at: time, now: now) { count += 1 }
            } else if earliest > last {
                // A clock that went back must not bring passed times again.
                try await store.skipSchedule(mark, to: earliest)
            }
        }
        return count
    }

    /// A clock that was ahead for a while must not stop a schedule until it is there again. One that was set back by less
    /// than an hour only makes it wait, so that no time comes twice.
    private func goBack(
        _ workflow: ActiveWorkflow, _ mark: ScheduleMark, from last: UnixTime, to now: UnixTime
    ) async throws {
        try await store.returnSchedule(mark, from: last, to: now)
        logger.warning(
            "the clock was ahead: the schedule goes on from now",
            metadata: ["workflow": "\(workflow.name)", "schedule": "\(mark.schedule)", "from": "\(last)"])
    }

    private func fire(
        _ workflow: ActiveWorkflow, _ schedule: ActiveSchedule, _ mark: ScheduleMark, at time: UnixTime,
        now: UnixTime
    ) async throws -> Bool {
        let outcome = try await ingest.commit(keys: [:], isBounded: false) { live, _ in
            // Another configuration may be live by now; the next round deals with that one.
            guard let current = live.workflows[workflow.name], current.revision == workflow.revision else {
                return Ingest.Draft(false)
            }
            let starts = RunStarts(now: now) { [store] in store.nextULID(at: now) }
            var draft = Ingest.Draft(true, contributions: [.fire(mark, at: time)])
            if let (event, run) = starts.scheduled(current, triggers: schedule.triggers, at: time) {
                draft.events = [event]
                draft.runs = [0: [run]]
            }
            return draft
        }
        guard case .written(true, let accepted) = outcome else { return false }
        return accepted.contains { !$0.runs.isEmpty }
    }
}

/// The triggers `schedule` of a workflow that have the same times.
struct ActiveSchedule: Sendable {
    /// Their places among the triggers.
    var triggers: [Int]
    /// Names it in the state; another text is another schedule.
    let text: String
    let times: CronTimes
}

extension WorkflowSpec {
    /// Its schedules in zones that this machine knows, and problems with the others.
    var schedules: (known: [ActiveSchedule], problems: [String]) {
        var (known, problems): ([ActiveSchedule], [String]) = ([], [])
        for (place, trigger) in triggers.enumerated() {
            guard case .schedule(let cron, let timeZone) = trigger.source else { continue }
            let text = "\(cron) \(timeZone)"
            if let same = known.firstIndex(where: { $0.text == text }) {
                known[same].triggers.append(place)
            } else if let times = CronTimes(cron, timeZone: timeZone) {
                known.append(ActiveSchedule(triggers: [place], text: text, times: times))
            } else {
                problems.append("the time zone `\(timeZone)` is unknown on this machine")
            }
        }
        return (known, problems)
    }
}
