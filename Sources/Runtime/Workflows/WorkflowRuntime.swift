import DequeModule
import Logging
import NIOCore
import Resources
import ServiceLifecycle
import Store
import Synchronization
import WorkflowEngine

/// Runs workflows: the shell around the engine.
///
/// A run is in memory while it has something to do or a request out, and in the state otherwise, except for a bounded number
/// of long ones; so a hundred thousand that wait cost disk, not memory. Each is worked on by one task at a time. What is not committed has not happened: a
/// process that dies leaves runs that the next one goes on with.
final class WorkflowRuntime: Service {
    private let state: Mutex<RunTable>
    private let stepper: RunStepper
    private let sender: RequestSender
    private let store: Store
    private let metrics: WorkflowMetrics
    private let heartbeats: Heartbeats
    private let clock: any WallClock
    private let logger: Logger
    private let timers = Nudge()
    /// Why a run could not be moved on.
    private let lastFailure = Mutex("")
    private let turns: AsyncStream<RunTable.Turn>
    private let starter: AsyncStream<RunTable.Turn>.Continuation

    /// The longest time between two looks at the clock while a timer runs, and while none does.
    private static let tick = Duration.milliseconds(100)
    private static let rest = Duration.seconds(1)
    private static let batch = 1000

    init(
        stepper: RunStepper, sender: RequestSender, metrics: WorkflowMetrics, heartbeats: Heartbeats,
        clock: any WallClock, limits: RunTable.Limits = .init(), logger: Logger
    ) {
        state = Mutex(RunTable(limits))
        self.stepper = stepper
        self.sender = sender
        store = stepper.store
        self.metrics = metrics
        self.heartbeats = heartbeats
        self.clock = clock
        self.logger = logger
        (turns, starter) = AsyncStream.makeStream()
        stepper.ingest.keepRuns(
            with: Ingest.RunKeeper(
                prepare: { [weak self] in self?.prepare($0, $1) },
                expect: { [weak self] runs in self?.state.withLock { $0.expect(runs) } },
                forget: { [weak self] runs in self?.state.withLock { $0.forget(runs) } },
                learn: { [weak self] in self?.accepted($0) }))
        sender.report(
            to: RequestSender.Receiver(
                ended: { [weak self] order, outcome in self?.heard(order, outcome) },
                hasRoom: { [weak self] in self?.wake($0) }))
    }

    /// Learns what earlier processes left; call it before anything is accepted.
    func prepare() async throws {
        stepper.clock.continues(from: try await store.seenRunTime())
        try await stepper.revisions.prepare()
    }

    // MARK: Events from outside

    /// A configuration became live.
    func configure(_ configuration: RuntimeConfiguration) {
        metrics.keep { configuration.workflows[$0] != nil }
        // Before the first one is live nothing is known.
        guard configuration.serial > 0 else { return }
        let live = configuration.orderedWorkflows.map {
            ($0.name, $0.revision.digest, $0.definition.spec.rollout == .cancel)
        }
        state.withLock { $0.configure(live) }
        timers.raise()
    }

    /// The state has something for these runs.
    func wake(_ runs: [CommitSequence]) { change { table in for run in runs { table.wake(run) } } }

    /// Runs that are in memory.
    var loaded: Int { state.withLock(\.loaded) }

    /// Runs that cannot be moved on, and are tried again.
    var failing: Int { state.withLock(\.failing) }

    /// Results of requests that could not be written yet.
    var unrecorded: Unrecorded? {
        let results = state.withLock(\.unrecorded)
        return results > 0 ? Unrecorded(results: results, reason: lastFailure.withLock(\.self)) : nil
    }

    private func accepted(_ news: Ingest.RunNews) {
        for run in news.started where run.status.isFinal {
            metrics.finished(run.workflow, run.status)
        }
        let isQueued = news.started.contains { $0.status == .queued }
        let known = Dictionary(
            news.begun.compactMap { begun in loaded(begun).map { (begun.run.sequence, $0) } }
        ) { first, _ in first }
        var hasEarlierTimer = false
        change { table in
            let timer = table.nextTimer
            for run in news.started where run.status == .running && run.begun == nil {
                table.begin(run.sequence, known[run.sequence])
            }
            for (run, prepared) in news.prepared {
                table.adopt(
                    prepared.run.stored(at: run.sequence), sending: prepared.outcome.requests.map(\.step),
                    timer: prepared.outcome.timer)
            }
            for run in news.woken { table.wake(run) }
            if isQueued { table.timersChanged() }
            hasEarlierTimer = table.nextTimer != timer
        }
        if isQueued || hasEarlierTimer { timers.raise() }
        for (run, prepared) in news.prepared { send(prepared.outcome, of: run) }
    }

    private func prepare(_ run: LoadedRun, _ live: RuntimeConfiguration) -> PreparedRun? {
        state.withLock(\.isDraining) ? nil : stepper.prepare(run, live)
    }

    /// What a run wants that has begun with its event.
    private func send(_ outcome: RunStepper.Outcome, of run: StartedRun) {
        if let finished = outcome.finished {
            metrics.finished(run.workflow, finished.status)
        }
        for request in outcome.requests { send(request.of(run.sequence)) }
    }

    /// The run in memory; nil when it has to be read, which then says what is wrong.
    private func loaded(_ begun: Ingest.BegunRun) -> LoadedRun? {
        stepper.revisions.known(begun.revision).flatMap { try? LoadedRun(begun, $0) }
    }

    private func heard(_ order: RequestOrder, _ outcome: HTTPOutcome) {
        change { $0.heard(.http(order.step, attempt: order.attempt, outcome), order.step, of: order.run) }
    }

    /// Changes the table and starts the turns that it then allows.
    private func change(_ body: (inout RunTable) -> Void) {
        let (chosen, isDrained) = state.withLock { table in
            body(&table)
            return (table.nextTurns(), table.isDrained && sender.inFlight == 0)
        }
        let loop = chosen.isEmpty ? nil : sender.loops.current
        for turn in chosen { start(turn, on: loop) }
        if isDrained { starter.finish() }
    }

    /// - Parameter loop: the one that this is called on. What is short stays there; all else becomes a task.
    private func start(_ turn: RunTable.Turn, on loop: (any EventLoop)?) {
        guard let loop, let loaded = turn.loaded, !turn.isWoken, !turn.wasParked else {
            starter.yield(turn)
            return
        }
        stepper.stepAtOnce(loaded, heard: turn.heard, on: CommitExecutor(loop)) { attempt in
            switch attempt {
            case .moved(let run, let outcome): self.end(turn, self.result(of: turn, run, outcome))
            case .stale: self.end(turn, .stale)
            case .declined: self.starter.yield(turn)
            case .failed(let error): self.fail(turn, turn.loaded?.id, error)
            }
        }
    }

    // MARK: Loops

    func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.keepTime() }
                for await turn in self.turns {
                    group.addTask { await self.work(turn) }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            // Nothing new is taken up; requests under way end, and what comes of them is stored.
            self.sender.drain()
            self.change { $0.drain() }
        }
    }

    /// Finds runs whose time has come, and those that only the state knows.
    private func keepTime() async {
        while !Task.isCancelled {
            heartbeats.beat("workflows")
            do {
                try await rollOut()
                try await catchUp()
                try await findReady()
                try await findDue()
            } catch is CancellationError {
                // The end.
            } catch {
                logger.error("cannot look after runs", metadata: ["error": "\(error)"])
            }
            let now = stepper.clock.now()
            change { $0.wakeDelayed(now: now) }
            let next = state.withLock(\.nextTimer)
            let pause = next.map { min(max($0 - now, .milliseconds(1)), Self.tick) } ?? Self.rest
            await timers.wait(atMost: pause, clock)
        }
        heartbeats.end("workflows")
    }

    /// Ends the runs of older revisions of workflows that want it so.
    private func rollOut() async throws {
        while let rollout = state.withLock(\.rollouts.first) {
            wake(
                try await store.cancelRuns(
                    of: rollout.workflow, except: rollout.digest, sparesRepeats: rollout.sparesRepeats))
            state.withLock { $0.rolledOut(rollout) }
        }
    }

    /// After the clock was set back and forward again: what was put off until a moment of the wall clock is nearer.
    private func catchUp() async throws {
        let time = stepper.clock.caughtUp
        guard time > .zero else { return }
        try await store.bringTimersForward(by: time)
        stepper.clock.forgetCaughtUp(time)
        state.withLock { $0.timersChanged() }
    }

    private func findReady() async throws {
        guard state.withLock({ $0.beginSearch() }) else { return }
        var last = CommitSequence(0)
        while true {
            let runs = try await store.readyRuns(after: last, limit: Self.batch)
            var isFull = false
            change { table in
                for run in runs where !isFull { isFull = !table.found(run) }
            }
            guard let end = runs.last, runs.count == Self.batch, !isFull else { return }
            last = end
            heartbeats.beat("workflows")
        }
    }

    private func findDue() async throws {
        let now = stepper.clock.now()
        guard state.withLock({ $0.beginTimers(now: now) }) else { return }
        let (due, next) = try await store.dueRuns(now: now, limit: Self.batch)
        change { table in
            for run in due { _ = table.found(run) }
            // What is due stays so until its run has been worked on; a full batch has more behind it.
            table.setTimers(next: due.count == Self.batch ? now + .milliseconds(5) : next, now: now)
        }
    }

    // MARK: Work

    /// One transaction of one run.
    private func work(_ turn: RunTable.Turn) async {
        var id = turn.loaded?.id
        do {
            end(turn, try await step(turn, &id))
        } catch {
            fail(turn, id, error)
        }
    }

    private func end(_ turn: RunTable.Turn, _ result: RunTable.Result) {
        var hasEarlierTimer = false
        change { hasEarlierTimer = $0.end(turn, result) }
        if hasEarlierTimer { timers.raise() }
        result.requests.forEach(send)
    }

    private func send(_ request: RequestOrder) {
        if !sender.send(request) { change { $0.park(request) } }
    }

    /// - Parameter id: nil when the state could not be read; then the run has only its number.
    private func fail(_ turn: RunTable.Turn, _ id: WorkflowRunID?, _ error: any Error) {
        lastFailure.withLock { $0 = "\(error)" }
        let pause = state.withLock { $0.fail(turn, now: stepper.clock.now()) }
        logger.error(
            "cannot move a run on; it is tried again",
            metadata: ["run": "\(id?.text ?? "\(turn.run.value)")", "error": "\(error)", "in": "\(pause)"])
        change { _ in }
    }

    /// - Parameter id: of the run, as soon as it is known.
    private func step(_ turn: RunTable.Turn, _ id: inout WorkflowRunID?) async throws -> RunTable.Result {
        var loaded: LoadedRun
        var signals: RunSignals?
        if let known = turn.loaded {
            loaded = known
            if turn.isWoken {
                signals = try await store.runSignals(turn.run)
                if signals == nil { return .ended }
            }
        } else {
            guard let work = try await stepper.work(turn.run) else { return .ended }
            id = work.id
            (loaded, signals) = (try await stepper.load(work), work.signals)
        }
        var recovers = false
        if turn.loaded == nil, !turn.wasParked, turn.sending.isEmpty, !loaded.requests.isEmpty {
            switch state.withLock({ $0.requests(of: loaded) }) {
            case .known: break
            case .coming: return .stale
            // Of requests that this process did not send, nobody knows what became.
            case .unknown: recovers = true
            }
        }
        guard
            let outcome = try await stepper.step(
                &loaded, heard: turn.heard, signals: signals, recovers: recovers)
        else { return .stale }
        return result(of: turn, loaded, outcome)
    }

    private func result(
        of turn: RunTable.Turn, _ loaded: LoadedRun, _ outcome: RunStepper.Outcome
    ) -> RunTable.Result {
        var sending = turn.sending
        for step in outcome.abandoned where sender.withdraw(turn.run, step) { sending.remove(step) }
        var requests = outcome.requests
        if turn.wasParked {
            let known = sending.union(requests.map(\.step))
            requests += loaded.requests.filter { !known.contains($0.step) }
        }
        if let finished = outcome.finished {
            metrics.finished(loaded.workflow.name, finished.status)
        }
        return RunTable.Result(
            loaded: outcome.finished == nil ? loaded : nil, requests: requests,
            withdrawn: outcome.abandoned.filter { !sending.contains($0) }, hasMore: outcome.hasMore,
            timer: outcome.finished == nil ? outcome.timer : nil)
    }
}
