import Resources
package import Store
import Synchronization
import WorkflowEngine

/// The one way into the state for what happens: evaluates what follows from it, stores all of it in one transaction,
/// starts the deliveries.
package final class Ingest: Sendable {
    /// What happened, as it looks under one configuration.
    package struct Draft<Output: Sendable>: Sendable {
        /// What whoever asked for the fact gets when it is written.
        package var output: Output
        package var events: [NewEvent]
        package var contributions: [Contribution]
        /// The only subscription that gets the events, whether it matches or not, and no workflow; nil for all that
        /// match.
        package var only: String?
        /// Runs that events start beside those whose triggers name them, by the event's place.
        var runs: [Int: [NewRun]] = [:]

        package init(
            _ output: Output, events: [NewEvent] = [], contributions: [Contribution] = [], only: String? = nil
        ) {
            self.output = output
            self.events = events
            self.contributions = contributions
            self.only = only
        }
    }

    /// What became of a draft.
    package enum Outcome<Output: Sendable>: Sendable {
        /// Durable.
        case written(Output, [AcceptedEvent])
        /// Nothing was written, because of what the draft itself was made from.
        case changed
        /// Nothing was written: it has happened before, and this was the answer.
        case repeated(StoredAnswer)
    }

    /// Why nothing was stored although nothing is wrong.
    package enum Refusal: Error {
        /// The configuration changed again and again while the fact was evaluated.
        case busy
        /// As many deliveries are pending as may be.
        case full
    }

    /// More than an event loop may be held up with.
    private struct TooMuch: Error {}

    private struct Attempt<Output: Sendable>: Sendable {
        let output: Output
        let ticket: KeySequence.Ticket?
        let items: [FannedOutEvent]
        let prepared: [WorkflowRunID: PreparedRun]
        let result: Result<FactResult, any Error>
    }

    private let store: Store
    private let configuration: ConfigurationWatcher
    private let dispatcher: DeliveryDispatcher
    private let maxPending: Int
    private let metrics: IngestMetrics
    private let revisions: WorkflowRevisions
    private let clock: any WallClock
    private let keys = KeySequence()
    private let runKeeper = Mutex<RunKeeper?>(nil)

    /// Evaluations, under newer configurations or with later keys, before the caller has to come again.
    static let maxEvaluations = 20
    /// Events times subscriptions that an event loop may be held up with, about a millisecond's worth.
    private static let maxEvaluationsAtOnce = 500
    /// Runs that begin with their events while an event loop is held up; further ones begin by themselves.
    private static let maxPreparedAtOnce = 8
    /// The same in a task, because each is in memory until the commit.
    private static let maxPrepared = 1000

    init(
        store: Store, configuration: ConfigurationWatcher, dispatcher: DeliveryDispatcher,
        maxPending: Int, metrics: IngestMetrics, revisions: WorkflowRevisions, clock: any WallClock
    ) {
        self.revisions = revisions
        self.store = store
        self.configuration = configuration
        self.dispatcher = dispatcher
        self.maxPending = maxPending
        self.metrics = metrics
        self.clock = clock
    }

    /// A run that begins with an event, and all that it begins with.
    struct BegunRun: Sendable {
        let run: StartedRun
        let revision: String
        let event: NewEvent
        let chain: Chain
        let acceptedAt: UnixTime
    }

    /// Runs of workflows that a durable fact concerns.
    struct RunNews: Sendable {
        var started: [StartedRun]
        /// Those of them that need not be read.
        var begun: [BegunRun]
        /// Those of them that have begun with their events.
        var prepared: [(run: StartedRun, as: PreparedRun)]
        /// Those that have something to do now, because of it.
        var woken: [CommitSequence]
    }

    /// Who works on runs. One reference, because every event looks for it.
    final class RunKeeper: Sendable {
        /// What a run does first, if that can be done in the transaction of its event. Pure.
        let prepare: @Sendable (LoadedRun, RuntimeConfiguration) -> PreparedRun?
        /// Called before runs are stored that begin with their events.
        let expect: @Sendable ([WorkflowRunID]) -> Void
        /// Called when it is known what became of them, once everything else has been told.
        let forget: @Sendable ([WorkflowRunID]) -> Void
        /// Called with every fact that concerns runs, once it is durable.
        let learn: @Sendable (RunNews) -> Void

        init(
            prepare: @escaping @Sendable (LoadedRun, RuntimeConfiguration) -> PreparedRun?,
            expect: @escaping @Sendable ([WorkflowRunID]) -> Void,
            forget: @escaping @Sendable ([WorkflowRunID]) -> Void,
            learn: @escaping @Sendable (RunNews) -> Void
        ) {
            self.prepare = prepare
            self.expect = expect
            self.forget = forget
            self.learn = learn
        }
    }

    func keepRuns(with keeper: RunKeeper) { runKeeper.withLock { $0 = keeper } }

    /// Accepts events, all or none; durable on return.
    ///
    /// - Throws: `StoreError` when the state cannot be written, `Refusal`.
    package func accept(_ events: [NewEvent], only subscription: String? = nil) async throws
        -> [AcceptedEvent]
    {
        let draft = Draft((), events: events, only: subscription)
        guard case .written(_, let accepted) = try await commit({ _, _ in draft }) else {
            preconditionFailure("events alone have no obstacles")
        }
        return accepted
    }

    /// Accepts events without a task, for whoever is on an event loop and stays there.
    ///
    /// - Parameters:
    ///   - executor: runs what comes after the commit.
    ///   - completion: called once, by the executor, unless it throws. nil: nothing was stored, because the
    ///     configuration is changing or has too many subscriptions to ask on an event loop; `accept` will.
    /// - Throws: `StoreError`, `Refusal`; nothing was stored.
    func acceptAtOnce(
        _ events: [NewEvent], on executor: CommitExecutor,
        completion: @escaping @Sendable (Result<[AcceptedEvent], any Error>?) -> Void
    ) throws {
        let live = configuration.current
        let evaluations = (live.orderedSubscriptions.count + live.orderedWorkflows.count) * events.count
        guard evaluations <= Self.maxEvaluationsAtOnce else { return completion(nil) }
        try start(
            [:], live, isBounded: true, maxPrepared: Self.maxPreparedAtOnce, on: executor,
            { _, _ in Draft((), events: events) }
        ) { [self] attempt in
            switch attempt.result {
            case .success(.written(let accepted, let woken)):
                written(attempt.items, accepted, attempt.prepared, woken: woken)
                completion(.success(accepted))
            case .success(.obstructed): completion(nil)
            case .failure(let error):
                metrics.refused(error)
                completion(.failure(error))
            }
        }
    }

    /// Stores a fact, all of it or nothing; durable on return.
    ///
    /// - Parameter keyPrefix: counts up for the record that the fact creates; its number is passed to `make`.
    /// - Parameter make: what happened, under a configuration. Called again when that configuration, or the number, is
    ///   no longer the current one; must be short and have no effect.
    /// - Throws: what `make` throws, `StoreError`, `Refusal`.
    package func commit<Output>(
        keyPrefix: String? = nil,
        _ make: @escaping @Sendable (RuntimeConfiguration, Int64) throws -> Draft<Output>
    ) async throws -> Outcome<Output> {
        try await commit(keys: keyPrefix.map { [$0: 1] } ?? [:], isBounded: true) { live, numbers in
            try make(live, keyPrefix.flatMap { numbers[$0] } ?? 0)
        }
    }

    /// The same for a fact that creates several records.
    ///
    /// - Parameters:
    ///   - counts: how many records of each prefix; the first number of each is passed to `make`.
    ///   - isBounded: whether it may be turned away when too much waits to be written.
    func commit<Output>(
        keys counts: [String: Int], isBounded: Bool,
        _ make: @escaping @Sendable (RuntimeConfiguration, [String: Int64]) throws -> Draft<Output>
    ) async throws -> Outcome<Output> {
        for _ in 0..<Self.maxEvaluations {
            let live = configuration.current
            let attempt = try await attempt(counts, live, isBounded: isBounded, make)
            if let outcome = try conclude(attempt) { return outcome }
            if case .success(.obstructed(.configuration)) = attempt.result {
                try await configuration.reload()
            }
        }
        throw Refusal.busy
    }

    /// Stores a fact without a task, for whoever is on an event loop and stays there.
    ///
    /// - Parameters:
    ///   - counts: how many records of each prefix it creates.
    ///   - executor: runs what comes after the commit.
    ///   - completion: called once, unless it throws. nil: nothing was stored, because the configuration or the next number
    ///     of a prefix is another one, or too many would have to be asked about its events on an event loop; `commit` will.
    /// - Throws: what `make` throws; nothing was stored.
    func commitAtOnce<Output>(
        keys counts: [String: Int], on executor: CommitExecutor,
        _ make: @escaping @Sendable (RuntimeConfiguration, [String: Int64]) throws -> Draft<Output>,
        completion: @escaping @Sendable (Result<Outcome<Output>, any Error>?) -> Void
    ) throws {
        let live = configuration.current
        let readers = live.orderedSubscriptions.count + live.orderedWorkflows.count
        let draft: (RuntimeConfiguration, [String: Int64]) throws -> Draft<Output> = { live, numbers in
            let draft = try make(live, numbers)
            guard readers * draft.events.count <= Self.maxEvaluationsAtOnce else { throw TooMuch() }
            return draft
        }
        do {
            try start(
                counts, live, isBounded: false, maxPrepared: Self.maxPreparedAtOnce, on: executor, draft
            ) { [self] attempt in
                do {
                    completion(try conclude(attempt).map { .success($0) })
                } catch {
                    completion(.failure(error))
                }
            }
        } catch is TooMuch {
            completion(nil)
        }
    }

    /// What an attempt came to; nil when it has to be made anew.
    ///
    /// - Throws: why it could not be stored.
    private func conclude<Output>(_ attempt: Attempt<Output>) throws -> Outcome<Output>? {
        switch attempt.result {
        case .success(.written(let accepted, let woken)):
            written(attempt.items, accepted, attempt.prepared, woken: woken)
            return .written(attempt.output, accepted)
        case .failure(let error):
            attempt.ticket.map(keys.giveBack)
            metrics.refused(error)
            throw error
        case .success(.obstructed(.key(let prefix, let next))):
            attempt.ticket.map { keys.correct($0, prefix: prefix, next: next) }
            return nil
        case .success(.obstructed(let obstacle)):
            attempt.ticket.map(keys.giveBack)
            switch obstacle {
            case .version, .run: return .changed
            case .repeated(let answer): return .repeated(answer)
            case .configuration, .key: return nil
            }
        }
    }

    private func attempt<Output>(
        _ counts: [String: Int], _ live: RuntimeConfiguration, isBounded: Bool,
        _ make: @Sendable (RuntimeConfiguration, [String: Int64]) throws -> Draft<Output>
    ) async throws -> Attempt<Output> {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try start(counts, live, isBounded: isBounded, maxPrepared: Self.maxPrepared, make) {
                    continuation.resume(returning: $0)
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// - Parameters:
    ///   - maxPrepared: runs that begin with their events, at most.
    ///   - executor: calls `completion`; nil: the writer's thread.
    ///   - completion: called once, unless it throws.
    private func start<Output>(
        _ counts: [String: Int], _ live: RuntimeConfiguration, isBounded: Bool, maxPrepared: Int,
        on executor: CommitExecutor? = nil,
        _ make: (RuntimeConfiguration, [String: Int64]) throws -> Draft<Output>,
        completion: @escaping @Sendable (Attempt<Output>) -> Void
    ) throws {
        func submit(_ ticket: KeySequence.Ticket?) throws {
            let draft = try make(live, ticket?.numbers ?? [:])
            let now = clock.now()
            let keeper = runKeeper.withLock(\.self)
            // While a number is taken, others wait for the next one.
            var room = ticket == nil ? maxPrepared : 0
            var prepared: [WorkflowRunID: PreparedRun] = [:]
            let items = try draft.events.enumerated().map {
                try fanOut($1, at: $0, of: draft, live, now: now, &prepared) { run in
                    guard room > 0 else { return nil }
                    room -= 1
                    return keeper?.prepare(run, live)
                }
            }
            if isBounded { try checkRoom(for: items) }
            let fact = Fact(serial: live.serial, events: items, contributions: draft.contributions)
            if !prepared.isEmpty { keeper?.expect(Array(prepared.keys)) }
            store.commit(fact, now: now, isBounded: isBounded, on: executor) { [prepared] result in
                if !prepared.isEmpty, !result.isWritten { keeper?.forget(Array(prepared.keys)) }
                completion(
                    Attempt(
                        output: draft.output, ticket: ticket, items: items, prepared: prepared, result: result
                    ))
            }
        }
        if counts.isEmpty { try submit(nil) } else { try keys.withNext(counts, submit) }
    }

    /// What a durable fact sets in motion.
    private func written(
        _ items: [FannedOutEvent], _ accepted: [AcceptedEvent], _ prepared: [WorkflowRunID: PreparedRun],
        woken: [CommitSequence]
    ) {
        let started = accepted.flatMap(\.runs)
        if !started.isEmpty || !woken.isEmpty || !prepared.isEmpty {
            let keeper = runKeeper.withLock(\.self)
            let begun = zip(items, accepted).flatMap(Self.begun)
            let known = started.compactMap { run in
                run.begun == nil ? nil : prepared[run.id].map { (run: run, as: $0) }
            }
            keeper?.learn(RunNews(started: started, begun: begun, prepared: known, woken: woken))
            if !prepared.isEmpty { keeper?.forget(Array(prepared.keys)) }
        }
        var due: [DueDelivery] = []
        for (item, accepted) in zip(items, accepted) {
            append(item, accepted, to: &due)
            tellOfRefused(item, accepted)
        }
        dispatcher.accepted(due)
        metrics.accepted(items, accepted)
    }

    private static func begun(_ item: FannedOutEvent, _ accepted: AcceptedEvent) -> [BegunRun] {
        accepted.runs.compactMap { run in
            guard run.status == .running, run.begun == nil,
                let new = item.runs.first(where: { $0.id == run.id }),
                new.parent == nil, let start = RunStartText(new.start)
            else { return nil }
            return BegunRun(
                run: run, revision: new.revision.digest, event: item.event.with(id: accepted.id),
                chain: start.chain,
                acceptedAt: accepted.acceptedAt)
        }
    }

    /// What causes no delivery is taken all the same.
    private func checkRoom(for items: [FannedOutEvent]) throws {
        let count = items.reduce(0) { $0 + $1.deliveries.count { $0.refusal == nil } }
        guard count > 0, store.pending.total + count > maxPending else { return }
        metrics.refused(Refusal.full)
        throw Refusal.full
    }

    /// The event with its deliveries and the runs that it starts.
    ///
    /// - Throws: `JSONError` for an event that was not checked at the door.
    private func fanOut<Output>(
        _ event: NewEvent, at place: Int, of draft: Draft<Output>, _ live: RuntimeConfiguration,
        now: UnixTime,
        _ prepared: inout [WorkflowRunID: PreparedRun], prepare: (LoadedRun) -> PreparedRun?
    ) throws -> FannedOutEvent {
        var event = event
        var runs = draft.runs[place] ?? []
        if draft.only == nil {
            let starts = RunStarts(now: now) { [store] in store.nextULID(at: now) }
            for (run, first) in try starts.runs(for: &event, live, prepare: prepare) {
                runs.append(run)
                prepared[run.id] = first
            }
        }
        let fannedOut = live.fanOut(event, only: draft.only) { store.nextULID(at: now) }
        var waitKey: String?
        if draft.only == nil {
            let isAwaited =
                live.awaitedEvents.contains { $0.matches(event.type) } || revisions.mayBeAwaited(event.type)
            if isAwaited, event.isForTriggers { waitKey = event.recordID }
        }
        return FannedOutEvent(
            event: fannedOut.event, deliveries: fannedOut.deliveries, runs: runs, waitKey: waitKey)
    }

    /// Appends the deliveries of an event that are due.
    private func append(_ item: FannedOutEvent, _ accepted: AcceptedEvent, to due: inout [DueDelivery]) {
        guard !accepted.deliveries.isEmpty else { return }
        let event = Event(
            item.event, sequence: accepted.sequence, id: accepted.id, acceptedAt: accepted.acceptedAt)
        for (new, stored) in zip(item.deliveries, accepted.deliveries)
        where new.refusal == nil && !stored.isBlocked {
            due.append(
                DueDelivery(
                    sequence: stored.sequence, id: stored.id, subscription: stored.subscription,
                    orderKey: new.orderKey, body: new.body, event: event))
        }
    }
}

extension Ingest {
    private func tellOfRefused(_ item: FannedOutEvent, _ accepted: AcceptedEvent) {
        for (new, stored) in zip(item.deliveries, accepted.deliveries) {
            guard let refusal = new.refusal else { continue }
            dispatcher.refused(stored, of: item.event.type, refusal)
        }
    }
}

extension Result where Success == FactResult {
    fileprivate var isWritten: Bool { if case .success(.written) = self { true } else { false } }
}
