import JSON
import Resources
import Store
import WorkflowEngine

/// Which runs an event starts: evaluated before the transaction, decided in it.
struct RunStarts: Sendable {
    let now: UnixTime
    /// Makes the part of an id behind its prefix.
    let newULID: @Sendable () -> String

    /// Runs of the live workflows whose triggers name the event.
    ///
    /// - Parameters:
    ///   - event: gets an id when a run needs it.
    ///   - prepare: says what a run does first, for those that nothing is likely to keep from beginning.
    /// - Throws: `JSONError` for an event that was not checked at the door.
    func runs(
        for event: inout NewEvent, _ live: RuntimeConfiguration,
        prepare: (LoadedRun) -> PreparedRun? = { _ in nil }
    ) throws -> [(run: NewRun, prepared: PreparedRun?)] {
        // Starts by hand and by schedules are events too, which no trigger names.
        guard !live.orderedWorkflows.isEmpty, event.isForTriggers else { return [] }
        let workflows = live.orderedWorkflows.filter { $0.mayStart(on: event.type) }
        guard !workflows.isEmpty else { return [] }
        if event.id == nil { event = event.with(id: EventID("evt_" + newULID())) }
        let trigger = try TriggerEvent(event)
        var runs: [(run: NewRun, prepared: PreparedRun?)] = []
        for workflow in workflows {
            guard let candidate = workflow.definition.candidate(for: trigger) else { continue }
            var run = run(of: workflow, candidate, trigger)
            run.messageID = event.messageID
            var prepared: PreparedRun?
            if candidate.error == nil, workflow.definition.spec.hasNoRules {
                let chain = StartDecision.chain(
                    of: RunID(run.id.text), workflow: workflow.name, event: trigger)
                prepared = prepare(
                    LoadedRun(run.id, workflow, createdAt: now, trigger, size: event.data.count, chain))
                run.progress = prepared?.progress
            }
            runs.append((run, prepared))
        }
        return runs
    }

    /// A run that begins as the candidate says, unless the transaction's rules are against it.
    func run(of workflow: ActiveWorkflow, _ candidate: StartCandidate, _ event: TriggerEvent) -> NewRun {
        let id = WorkflowRunID("run_" + newULID())
        let spec = workflow.definition.spec
        let (definition, moment) = (workflow.definition, Moment(now))
        let chain = StartDecision.chain(of: RunID(id.text), workflow: workflow.name, event: event)
        var run = NewRun(
            id: id, revision: workflow.revision, start: RunStartText(chain: chain).text,
            chainDepth: event.chain?.depth ?? 0
        ) { situation in
            StartVerdict(
                StartDecision(definition, candidate, event, StartFacts(situation), now: moment))
        }
        run.recordID = event.record
        run.chainRoot = EventID(chain.root)
        run.concurrencyKey = candidate.concurrencyKey
        run.limit = spec.concurrency?.limit ?? 1
        if let key = candidate.dedupeKey, let dedupe = spec.dedupe {
            run.dedupe = .init(key: key, window: dedupe.window)
        }
        run.isRateLimited = spec.rateLimit != nil
        return run
    }
}

extension WorkflowSpec {
    /// Whether its runs begin whatever other runs do.
    fileprivate var hasNoRules: Bool { concurrency == nil && dedupe == nil && rateLimit == nil }
}

extension NewEvent {
    /// Of the catalogue, or of an inbound endpoint.
    var isForTriggers: Bool { EventCatalog.contains(type) || type.hasPrefix("inbound.") }
}

extension ActiveWorkflow {
    /// Whether a trigger names events of the type; cheap, without a look at the event.
    func mayStart(on type: String) -> Bool {
        definition.spec.triggers.contains { trigger in
            switch trigger.source {
            case .event(let pattern): !type.hasPrefix("inbound.") && pattern.matches(type)
            case .inbound(let endpoint): type == "inbound.\(endpoint)"
            case .schedule, .manual: false
            }
        }
    }
}

extension StartFacts {
    init(_ situation: StartSituation) {
        self.init()
        active = situation.active.map { RunID($0.text) }
        queued = situation.queued
        lastWithDedupeKey = situation.lastWithDedupeKey.map(Moment.init)
        runsInChain = situation.runsInChain
        rate = situation.rate.map(Moment.init)
    }
}

extension StartVerdict {
    init(_ decision: StartDecision) {
        guard case .start(let disposition, let cancelling, let rate) = decision else {
            self = .skip
            return
        }
        var (status, error, notBefore) = (RunStatus.running, nil as String?, nil as UnixTime?)
        switch disposition {
        case .now: break
        case .queued(let moment): (status, notBefore) = (.queued, moment.map { UnixTime($0) })
        case .refused(let reason): (status, error) = (.refused, reason.json.text)
        case .failed(let reason): (status, error) = (.failed, reason.json.text)
        }
        self = .start(
            status, error: error, notBefore: notBefore, cancelling: cancelling.map { WorkflowRunID($0.text) },
            rate: rate.map { UnixTime($0) })
    }
}

extension NewEvent {
    /// `data.id`, when it is a string.
    var recordID: String? {
        data.withUnsafeBufferPointer { bytes in
            guard let members = try? JSONSlices.members(of: bytes),
                let member = members.first(where: { $0.key == "id" && $0.kind == .string })
            else { return nil }
            return (try? JSONValue(parsing: UnsafeBufferPointer(rebasing: bytes[member.range])))?.string
        }
    }
}

extension RunStarts {
    /// A start by hand or by a step `call`: its event, which no trigger names, and its run.
    ///
    /// Inputs that are wrong make a run that is recorded as failed.
    func manual(
        _ workflow: ActiveWorkflow, inputs: JSONObject, source: String, chain: Chain? = nil
    ) -> (event: NewEvent, run: NewRun) {
        var trigger = TriggerEvent(
            id: "evt_" + newULID(), type: "manual", ts: now.description, data: .object(inputs))
        trigger.chain = chain
        let (candidate, checked) = workflow.definition.manualCandidate(for: trigger)
        let event = NewEvent(
            id: EventID(checked.id), type: checked.type, ts: checked.ts, data: checked.data.utf8,
            source: source, chain: chain?.json.text)
        return (event, run(of: workflow, candidate, checked))
    }

    /// A start by a schedule that is due.
    ///
    /// - Parameter triggers: the places of the schedule among the triggers; the first that fits counts.
    /// - Returns: nil when the `if` of each is false.
    func scheduled(
        _ workflow: ActiveWorkflow, triggers: [Int], at time: UnixTime
    ) -> (event: NewEvent, run: NewRun)? {
        let event = TriggerEvent(
            id: "evt_" + newULID(), type: "schedule", ts: now.description,
            data: ["scheduledAt": .string(time.description)])
        let candidates = triggers.lazy.compactMap { workflow.definition.candidate(for: event, schedule: $0) }
        guard let candidate = candidates.first(where: { $0.error == nil }) ?? candidates.first else {
            return nil
        }
        let stored = NewEvent(
            id: EventID(event.id), type: event.type, ts: event.ts, data: event.data.utf8,
            source: "schedule:\(workflow.name)")
        return (stored, run(of: workflow, candidate, event))
    }
}
