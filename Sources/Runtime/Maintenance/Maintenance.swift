import Logging
import Resources
import ServiceLifecycle
import Store

/// Keeps the state within its bounds: attempt detail, old events, the write-ahead log, and retries that a clock which
/// was set back has moved away. Works in small transactions, so that deliveries are not held up.
package actor Maintenance: Service {
    package struct Configuration: Sendable {
        package var interval = Duration.seconds(10)
        /// Age at which finished events and deliveries go, and pending deliveries expire. Times in which nothing ran, or that
        /// the clock jumped over, do not count.
        package var retention: Duration
        /// Size of the write-ahead log beyond which it is truncated, in bytes.
        package var logLimit = 64 << 20

        package init(retention: Duration) { self.retention = retention }
    }

    private let configuration: Configuration
    private let store: Store
    private let live: ConfigurationWatcher
    private let dispatcher: DeliveryDispatcher
    private let contents: ContentStore
    private let heartbeats: Heartbeats
    private let metrics: DeliveryMetrics
    private let clock: any WallClock
    private let logger: Logger
    private var cursors: [String: PruningCursor] = [:]
    private var eventCursor = EventCursor()
    private var lastRound: Task<Void, any Error>?
    private var lastSweep: UnixTime?
    private var lastAgeCheck: UnixTime?
    private static let eventBatch = 200
    private static let inboundBatch = 1000
    private static let cancellationBatch = 200
    private static let sweepInterval = Duration.seconds(600)
    /// Pending deliveries are looked through for old ones that often; or as often as they may be old.
    private static let ageInterval = Duration.seconds(60)

    init(
        _ configuration: Configuration, store: Store, live: ConfigurationWatcher,
        dispatcher: DeliveryDispatcher, contents: ContentStore,
        heartbeats: Heartbeats, metrics: DeliveryMetrics, clock: any WallClock, logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.live = live
        self.dispatcher = dispatcher
        self.contents = contents
        self.heartbeats = heartbeats
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                self.beat()
                do {
                    try await self.runOnce()
                } catch is CancellationError {
                    // The end.
                } catch {
                    self.logger.error("cannot maintain the state", metadata: ["error": "\(error)"])
                }
                // A cancelled sleep ends the loop.
                try? await self.clock.sleep(for: self.configuration.interval)
            }
        }
        heartbeats.end("maintenance")
    }

    /// One round, when an earlier one has ended: one that began before the clock was set must not go on after it.
    package func runOnce() async throws {
        let earlier = lastRound
        let round = Task {
            _ = await earlier?.result
            try await self.round(now: self.clock.now())
        }
        lastRound = round
        try await withTaskCancellationHandler {
            try await round.value
        } onCancel: {
            round.cancel()
        }
    }

    private func round(now: UnixTime) async throws {
        try await correctClock(now)
        try await store.refreshPendingCounts()
        try await writeCancellations()
        for (name, subscription) in live.current.subscriptions {
            let keep = subscription.spec.deliveryLog.keep
            cursors[name] = try await store.pruneAttempts(
                name, keep: keep, from: cursors[name] ?? PruningCursor(), progress: beat)
            try await expire(subscription, "beyond maxPending") {
                try await store.expirePending($0, maxPending: subscription.spec.maxPending, now: now)
            }
        }
        let ended = try await store.cutoff(age: configuration.retention, now: now)
        try await expireByAge(madeBefore: ended, now: now)
        while try await store.pruneRuns(endedBefore: ended, limit: Self.eventBatch) >= Self.eventBatch {
            beat()
        }
        try await store.pruneWorkflowRemains(now: now)
        eventCursor = try await store.pruneEvents(
            olderThan: ended, now: now, batch: Self.eventBatch, from: eventCursor, progress: beat
        ).cursor
        try await store.pruneClockGaps(before: ended)
        _ = try await store.pruneAnswers(now: now)
        while try await store.pruneInbound(now: now, limit: Self.inboundBatch) >= Self.inboundBatch { beat() }
        try await sweepContents(now: now)
        try await store.truncateLog(beyond: configuration.logLimit)
    }

    /// A round may take minutes, after `--retention` was shortened for instance; it is stuck when a step takes long.
    private nonisolated func beat() { heartbeats.beat("maintenance") }

    /// A clock that was set back must not postpone retries by what it lost; one that was set forward must not make old what
    /// nobody had the time to deliver.
    private func correctClock(_ now: UnixTime) async throws {
        let seen = try await store.advanceClock(to: now)
        if now - seen > Store.longestRound {
            logger.notice(
                "nothing ran for a while, or the clock was set forward: that time does not count as age",
                metadata: ["from": "\(seen)", "to": "\(now)"])
        }
        guard now < seen - .seconds(1) else { return }
        let count = try await store.clampRetries(now: now)
        logger.warning(
            "the clock was set back", metadata: ["from": "\(seen)", "to": "\(now)", "retries": "\(count)"])
        dispatcher.stateHasMore()
    }

    /// Removes the contents of attachments that nothing refers to.
    private func sweepContents(now: UnixTime) async throws {
        if let lastSweep, now < lastSweep + Self.sweepInterval, now >= lastSweep { return }
        lastSweep = now
        let count = try await contents.sweep(now: now) { [store] in try await store.unreferenced($0) }
        guard count > 0 else { return }
        logger.info("removed files that nothing refers to", metadata: ["count": "\(count)"])
    }

    /// What an apply has cancelled, delivery by delivery.
    private func writeCancellations() async throws {
        var total = 0
        while let count = try await store.writeCancellations(limit: Self.cancellationBatch) {
            total += count
            beat()
        }
        guard total > 0 else { return }
        logger.info("deliveries of deleted subscriptions are cancelled", metadata: ["count": "\(total)"])
    }

    /// What nobody has taken for as long as finished deliveries are kept.
    private func expireByAge(madeBefore time: UnixTime, now: UnixTime) async throws {
        let interval = min(Self.ageInterval, configuration.retention)
        if let lastAgeCheck, now < lastAgeCheck + interval, now >= lastAgeCheck { return }
        lastAgeCheck = now
        for name in try await store.pendingDeliveries().keys {
            guard let subscription = live.current.subscriptions[name] else { continue }
            try await expire(subscription, "older than --retention") {
                try await store.expirePending($0, madeBefore: time, now: now)
            }
        }
    }

    /// - Parameter batch: expires at most 1,000 of a subscription; returns how many there were.
    private func expire(
        _ subscription: ActiveSubscription, _ reason: String, _ batch: (String) async throws -> Int
    ) async throws {
        var total = 0
        while true {
            let count = try await batch(subscription.name)
            total += count
            beat()
            if count < 1000 { break }
        }
        guard total > 0 else { return }
        metrics.ended(subscription.name, .expired, count: total)
        dispatcher.endedInState(subscription.name)
        logger.warning(
            "the oldest pending deliveries expired",
            metadata: [
                "subscription": "\(subscription.name)", "reason": "\(reason)", "count": "\(total)",
            ])
    }
}
