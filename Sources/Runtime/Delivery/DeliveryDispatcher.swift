import Logging
import NIOCore
import NIOPosix
import OutboundHTTP
import Resources
import ServiceLifecycle
import Store
import Synchronization

/// Sends pending deliveries: the thin shell around `DeliveryScheduler`.
///
/// What the scheduler decides is performed on the event loops; results go to the state's shared commits. A process
/// that dies loses nothing: what is not recorded is still pending in the state.
package final class DeliveryDispatcher: Service {
    /// Between two tries to record an attempt.
    private static let recordingPause = TimeAmount.seconds(1)
    /// Tries of an attempt for each that is logged.
    private static let failuresPerLine = 60

    private struct State {
        var scheduler: DeliveryScheduler
        var configuration: RuntimeConfiguration
        var nextLoop = 0
    }

    /// What the scheduler hears of soon, together with all that came of the same commit.
    private enum News: Sendable {
        /// It was committed.
        case accepted(DueDelivery)
        /// Its result is durable; `retry` says when it is due again, if it is.
        case recorded(QueuedDelivery, retry: UnixTime?)
        /// Its result could not be made durable.
        case unrecorded(QueuedDelivery)
    }

    /// An event loop that requests are made on.
    private final class Loop: Sendable {
        let eventLoop: any EventLoop
        let news = Mutex<[News]>([])

        init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }
    }

    /// A delivery that is under way, and what its request was made from.
    private struct Sending: Sendable {
        let queued: QueuedDelivery
        /// Of the configuration.
        let serial: Int64
        let subscription: ActiveSubscription
        /// Of the URL, where that is a secret.
        let targetFingerprint: String?
        let started: UnixTime
        let loop: any EventLoop

        var delivery: DueDelivery { queued.delivery }
    }

    private let state: Mutex<State>
    /// So that what is known of secrets and configuration is never replaced by what was known before.
    private let configuring = Mutex(())
    private let store: Store
    private let client: OutboundClient
    private let loops: [Loop]
    private let builder: RequestBuilder
    private let heartbeats: Heartbeats
    private let metrics: DeliveryMetrics
    private let clock: any WallClock
    private let logger: Logger
    private let wake = Nudge()
    private let idle = Nudge()
    /// Results that could not be written yet.
    let unrecorded = UnrecordedResults()
    private let loads: AsyncStream<DeliveryScheduler.Load>
    private let loader: AsyncStream<DeliveryScheduler.Load>.Continuation

    init(
        store: Store, client: OutboundClient, eventLoops: some EventLoopGroup, builder: RequestBuilder,
        limits: DeliveryScheduler.Limits, heartbeats: Heartbeats, metrics: DeliveryMetrics,
        clock: any WallClock, logger: Logger
    ) {
        state = Mutex(State(scheduler: DeliveryScheduler(limits: limits), configuration: .empty))
        self.store = store
        self.client = client
        loops = eventLoops.makeIterator().map(Loop.init)
        self.builder = builder
        self.heartbeats = heartbeats
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        (loads, loader) = AsyncStream.makeStream()
    }

    // MARK: Events from outside

    /// A configuration became live; they come in their order.
    func configure(_ configuration: RuntimeConfiguration) {
        configuring.withLock { _ in
            let known = state.withLock(\.configuration)
            // References decide about subscriptions that did not change themselves.
            if let difference = configuration.difference, difference.serial == known.serial,
                !difference.hasSecrets
            {
                configure(configuration, subscriptions: difference.subscriptions, since: known)
            } else {
                configureAll(configuration)
            }
        }
    }

    /// A secret appeared, changed or vanished.
    func secretsChanged() {
        configuring.withLock { _ in configureAll(state.withLock(\.configuration)) }
    }

    private func configureAll(_ configuration: RuntimeConfiguration) {
        refreshIdentities(configuration)
        let settings = configuration.subscriptions.mapValues(settings)
        step { state in
            state.configuration = configuration
            state.scheduler.configure(settings)
        }
        metrics.keep { settings[$0] != nil }
    }

    /// The same when nothing but these subscriptions has changed.
    private func configure(
        _ configuration: RuntimeConfiguration, subscriptions names: [String],
        since known: RuntimeConfiguration
    ) {
        let hasOwnIdentity = names.contains { name in
            [known, configuration].contains { $0.subscriptions[name]?.spec.tls != nil }
        }
        if hasOwnIdentity { refreshIdentities(configuration) }
        let settings = names.map { ($0, configuration.subscriptions[$0].map(self.settings)) }
        step { state in
            state.configuration = configuration
            for (name, settings) in settings { state.scheduler.configure(name, settings) }
        }
        if settings.contains(where: { $0.1 == nil }) {
            metrics.keep { configuration.subscriptions[$0] != nil }
        }
    }

    private func refreshIdentities(_ configuration: RuntimeConfiguration) {
        builder.identities.refresh(Set(configuration.orderedSubscriptions.compactMap(\.spec.tls)))
    }

    /// Deliveries were committed.
    func accepted(_ deliveries: [DueDelivery]) {
        tell(deliveries.map(News.accepted))
    }

    /// A delivery was stored as failed, because it could not be made.
    func refused(
        _ delivery: AcceptedEvent.Delivery, of eventType: String, _ refusal: NewDelivery.Refusal
    ) {
        metrics.refused(delivery.subscription, errorClass: refusal.errorClass)
        logger.warning(
            "delivery attempt",
            metadata: [
                "delivery": "\(delivery.id)", "subscription": "\(delivery.subscription)",
                "event": "\(eventType)", "attempt": "0", "outcome": "failed",
                "class": "\(refusal.errorClass)", "error": "\(refusal.message)",
            ])
    }

    /// The state holds new due work of a subscription.
    func stateHasMore(_ subscription: String) { step { $0.scheduler.stateHasMore(subscription) } }

    /// Pending deliveries of a subscription have ended in the state, because they expired.
    func endedInState(_ subscription: String) { step { $0.scheduler.endedInState(subscription) } }

    /// The state holds new due work of any subscription.
    func stateHasMore() {
        step { state in
            for name in state.configuration.subscriptions.keys { state.scheduler.stateHasMore(name) }
        }
    }

    /// How each live subscription stands.
    var statuses: [String: QueueStatus] { state.withLock { $0.scheduler.statuses } }

    /// Requests under way.
    var inFlight: Int { state.withLock { $0.scheduler.inFlight } }

    // MARK: Loops

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.keepTime() }
                for await load in self.loads {
                    group.addTask { await self.perform(load) }
                }
                await self.drained()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.scheduler.drain() }
            self.loader.finish()
        }
    }

    /// Starts what becomes due.
    private func keepTime() async {
        while !Task.isCancelled {
            heartbeats.beat("delivery")
            step { _ in }
            let next = state.withLock { $0.scheduler.wakeTime }
            let pause = next.map { min(max($0 - clock.now(), .milliseconds(1)), .seconds(1)) } ?? .seconds(1)
            await wake.wait(atMost: pause, clock)
        }
        heartbeats.end("delivery")
    }

    /// Waits for the requests under way, and no longer than the group of services does: what is left then ends with
    /// the client.
    private func drained() async {
        while !Task.isCancelled, !state.withLock({ $0.scheduler.isIdle }) {
            await idle.wait(atMost: .seconds(1), clock)
        }
    }

    private func perform(_ load: DeliveryScheduler.Load) async {
        do {
            let work = try await store.dueWork(
                load.subscription, now: clock.now(), limit: load.limit, except: load.except,
                behind: load.behind)
            step { $0.scheduler.loaded(load.subscription, work) }
        } catch is CancellationError {
            // The end: nothing more is started.
            step { $0.scheduler.loaded(load.subscription, nil) }
        } catch {
            logger.error(
                "cannot read pending deliveries",
                metadata: ["subscription": "\(load.subscription)", "error": "\(error)"])
            await wake.wait(atMost: .seconds(1), clock)
            step { $0.scheduler.loaded(load.subscription, nil) }
        }
    }

    // MARK: Steps

    /// Tells the scheduler what happened and performs what it decides.
    private func step(_ change: (inout State) -> Void) {
        let deliveries = decide(change)
        guard !deliveries.isEmpty else { return }
        if let loop = currentLoop { return send(deliveries, on: loop) }
        // In turn, so that all loops have as much to do.
        let first = state.withLock { state in
            defer { state.nextLoop = (state.nextLoop + deliveries.count) % loops.count }
            return state.nextLoop
        }
        for (place, loop) in loops.enumerated() {
            let offset = (place + loops.count - first) % loops.count
            let part = stride(from: offset, to: deliveries.count, by: loops.count).map { deliveries[$0] }
            if !part.isEmpty { send(part, on: loop) }
        }
    }

    /// Not at once: one that fails right away would start the next one from within.
    private func send(_ deliveries: [QueuedDelivery], on loop: Loop) {
        loop.eventLoop.execute {
            for delivery in deliveries { self.attempt(delivery, on: loop.eventLoop) }
        }
    }

    /// Tells the scheduler what happened.
    ///
    /// - Returns: what is to be sent now.
    private func decide(_ change: (inout State) -> Void) -> [QueuedDelivery] {
        let now = clock.now()
        let (next, wakesEarlier, isIdle) = state.withLock { state in
            let before = state.scheduler.wakeTime
            change(&state)
            let next = state.scheduler.next(now: now)
            let after = state.scheduler.wakeTime
            let wakesEarlier = after.map { time in before.map { time < $0 } ?? true } ?? false
            return (next, wakesEarlier, state.scheduler.isIdle)
        }
        for load in next.loads { loader.yield(load) }
        if wakesEarlier { wake.raise() }
        if isIdle { idle.raise() }
        return next.deliveries
    }

    /// Tells the scheduler soon, on the loop that this is called on, so that nothing is handed over; else on one after the
    /// other.
    private func tell(_ news: [News]) {
        guard !news.isEmpty else { return }
        let loop = currentLoop ?? nextLoop()
        let isFirst = loop.news.withLock { known in
            defer { known += news }
            return known.isEmpty
        }
        if isFirst { loop.eventLoop.execute { self.hear(on: loop) } }
    }

    private func hear(on loop: Loop) {
        let all = loop.news.withLock { news in
            defer { news = [] }
            return news
        }
        let deliveries = decide { state in
            for news in all {
                switch news {
                case .accepted(let delivery): state.scheduler.accepted(delivery)
                case .recorded(let delivery, let retry): state.scheduler.recorded(delivery, retry: retry)
                case .unrecorded(let delivery): state.scheduler.returned(delivery)
                }
            }
        }
        for delivery in deliveries { attempt(delivery, on: loop.eventLoop) }
    }

    private var currentLoop: Loop? {
        guard let current = MultiThreadedEventLoopGroup.currentEventLoop else { return nil }
        return loops.first { $0.eventLoop === current }
    }

    private func nextLoop() -> Loop {
        state.withLock { state in
            state.nextLoop = (state.nextLoop + 1) % loops.count
            return loops[state.nextLoop]
        }
    }

    /// Makes one request. The configuration is read here, once, so that nothing of it is older than the rest.
    private func attempt(_ queued: QueuedDelivery, on loop: any EventLoop) {
        let delivery = queued.delivery
        let configuration = state.withLock(\.configuration)
        guard let subscription = configuration.subscriptions[delivery.subscription] else {
            // Deleted: the apply has cancelled the delivery.
            return step { state in
                state.scheduler.finished(queued, nil, now: clock.now())
                state.scheduler.recorded(queued, retry: nil)
            }
        }
        let sending = Sending(
            queued: queued, serial: configuration.serial, subscription: subscription,
            targetFingerprint: fingerprint(ofTarget: subscription), started: clock.now(), loop: loop)
        do throws(RequestBuilder.Refusal) {
            let (request, mask) = try builder.request(for: delivery, subscription, now: sending.started)
            client.execute(request, on: loop) { outcome in self.finish(sending, outcome, mask) }
        } catch {
            refuse(sending, error)
        }
    }

    private func finish(_ sending: Sending, _ outcome: OutboundOutcome, _ mask: SecretMask?) {
        let now = clock.now()
        let delivery = sending.delivery
        let number = delivery.attempts + 1
        let verdict = Verdict(
            AttemptResult(outcome, now: now), number: number - delivery.budgetStart, sending.subscription,
            now: now, random: .random(in: 0..<1))
        let record = AttemptRecord(
            delivery, verdict.transition,
            AttemptDetail.attempt(
                number: number, started: sending.started, outcome: outcome, verdict: verdict, mask: mask))
        metrics.attempted(delivery, record, duration: outcome.timing.total, now: now)
        logger.attempted(delivery, record, outcome.timing)
        finish(sending, record, verdict.report, now: now)
    }

    private func refuse(_ sending: Sending, _ refusal: RequestBuilder.Refusal) {
        let (delivery, started) = (sending.delivery, sending.started)
        if refusal.isWaiting {
            // The secret vanished a moment ago: the queue pauses, and the delivery waits in the state.
            secretsChanged()
            return step { state in
                state.scheduler.finished(sending.queued, nil, now: started)
                state.scheduler.returned(sending.queued)
            }
        }
        let number = delivery.attempts + 1
        let result = AttemptResult.failed(errorClass: refusal.errorClass, message: refusal.message)
        let verdict = Verdict(
            result, number: number - delivery.budgetStart, sending.subscription, now: started,
            random: .random(in: 0..<1))
        let record = AttemptRecord(
            delivery, verdict.transition,
            AttemptDetail.refused(number: number, started: started, verdict: verdict))
        metrics.attempted(delivery, record, duration: nil, now: started)
        logger.attempted(delivery, record, nil)
        finish(sending, record, verdict.report, now: started)
    }

    private func finish(
        _ sending: Sending, _ record: AttemptRecord, _ report: CircuitBreaker.Report?, now: UnixTime
    ) {
        step { state in
            let isAboutCurrent = isAboutCurrentReceiver(sending, state.configuration)
            state.scheduler.finished(sending.queued, isAboutCurrent ? report : nil, now: now)
        }
        keep(record, of: sending.queued, now: now, on: sending.loop)
    }

    /// The answer of a receiver that has been replaced meanwhile says nothing about the new one.
    private func isAboutCurrentReceiver(_ sending: Sending, _ configuration: RuntimeConfiguration) -> Bool {
        let isUnchanged = configuration.serial == sending.serial
        let current =
            isUnchanged ? sending.subscription : configuration.subscriptions[sending.delivery.subscription]
        guard let current, current.hasReceiver(of: sending.subscription) else { return false }
        return fingerprint(ofTarget: current) == sending.targetFingerprint
    }

    /// Records an attempt. As long as it cannot be written, on a full disk for instance, it is tried again: what has arrived
    /// must not be sent once more, and what is not recorded counts, so that requests end before memory does.
    private func keep(
        _ record: AttemptRecord, of queued: QueuedDelivery, now: UnixTime, on loop: any EventLoop,
        failures: Int = 0
    ) {
        store.record(record, now: now, on: CommitExecutor(loop)) { [self] result in
            switch result {
            case .success:
                if failures > 0 { unrecorded.recovered() }
                metrics.recorded(record.subscription, record.transition)
                var retry: UnixTime?
                if case .retry(let time, _) = record.transition { retry = time }
                tell([.recorded(queued, retry: retry)])
            case .failure(let error):
                unrecorded.failed(error, isFirst: failures == 0)
                let isEnd = error as? StoreError == .closed
                if isEnd || failures.isMultiple(of: Self.failuresPerLine) {
                    logger.error(
                        isEnd
                            ? "cannot record an attempt; the delivery will be sent again"
                            : "cannot record an attempt; trying again",
                        metadata: ["delivery": "\(queued.delivery.id)", "error": "\(error)"])
                }
                guard !isEnd else { return tell([.unrecorded(queued)]) }
                loop.scheduleTask(in: Self.recordingPause) {
                    self.keep(record, of: queued, now: now, on: loop, failures: failures + 1)
                }
            }
        }
    }

    /// Of the URL, where that is a secret.
    private func fingerprint(ofTarget subscription: ActiveSubscription) -> String? {
        guard case .secretRef(let name) = subscription.spec.target else { return nil }
        return builder.secrets.fingerprint(name)
    }

    private func settings(_ subscription: ActiveSubscription) -> DeliveryQueue.Settings {
        let isUnresolved = subscription.requiredSecrets.contains { builder.secrets.value($0) == nil }
        return DeliveryQueue.Settings(
            createdAt: subscription.createdAt, target: subscription.spec.target,
            targetFingerprint: fingerprint(ofTarget: subscription),
            maxInFlight: subscription.spec.maxInFlight,
            isPaused: subscription.spec.suspend || isUnresolved,
            rate: subscription.spec.rateLimit?.perSecond, circuitBreaker: subscription.spec.circuitBreaker)
    }
}

extension AttemptRecord {
    fileprivate convenience init(
        _ delivery: DueDelivery, _ transition: DeliveryTransition, _ attempt: Attempt
    ) {
        self.init(
            delivery: delivery.sequence, subscription: delivery.subscription, orderKey: delivery.orderKey,
            attempt: attempt, transition: transition)
    }
}
