import DequeModule
import HeapModule
import Store

/// Decides which delivery is sent next. Pure: events in, decisions out; the shell performs them.
///
/// Slots go to the subscription with the fewest requests under way, in turn among equals: a slow receiver holds
/// what it has, and every other one is served first. Of all slots a quarter is kept for first attempts and a quarter
/// for retries; of what is left to either, the last quarter goes only to subscriptions that have nothing under way,
/// so no subscription can use up the slots. Only a bounded window per subscription is in memory; the rest is loaded
/// when the window runs low.
struct DeliveryScheduler {
    struct Limits: Sendable {
        /// Requests under way, over all subscriptions.
        var maxInFlight = 256
        /// Deliveries of one subscription in memory.
        var window = 256
        /// Bytes of all windows together, beyond which a subscription keeps `smallWindow` deliveries.
        var windowBytes = 64 << 20
        var smallWindow = 2
        /// Finished attempts that wait to be recorded; no request starts beyond it.
        var maxUnrecorded = 8192
    }

    /// Due work to load, except what is in memory.
    struct Load: Sendable {
        let subscription: String
        let limit: Int
        let except: Set<CommitSequence>
        /// Where the first attempts begin that are not in memory; nil when that is not known.
        let behind: CommitSequence?
    }

    private let limits: Limits
    private var queues: [DeliveryQueue] = []
    /// Where the queue of a subscription is, which does not change.
    private var slots: [String: Int] = [:]
    /// Subscriptions with first attempts, and with retries, in their windows.
    private var readyFirst = ReadyList()
    private var readyRetry = ReadyList()
    private var wantedLoads: Deque<Int> = []
    private var timers = Heap<Timer>()
    private(set) var inFlight = 0
    private var retriesInFlight = 0
    private var unrecorded = 0
    private var windowBytes = 0
    private var isDraining = false

    private struct Timer: Comparable {
        let time: UnixTime
        let slot: Int

        static func < (left: Timer, right: Timer) -> Bool { left.time < right.time }
    }

    init(limits: Limits = Limits()) { self.limits = limits }

    // MARK: What happened

    /// A configuration became live.
    mutating func configure(_ settings: [String: DeliveryQueue.Settings]) {
        for slot in queues.indices where settings[queues[slot].subscription] == nil { remove(slot) }
        for (name, settings) in settings { configure(name, settings) }
    }

    /// One subscription changed, came, or went (nil).
    mutating func configure(_ name: String, _ settings: DeliveryQueue.Settings?) {
        guard let settings else {
            if let slot = slots[name] { remove(slot) }
            return
        }
        let slot = slots[name] ?? addQueue(name, settings)
        let isAnother = queues[slot].settings.createdAt != settings.createdAt
        queues[slot].configure(settings)
        queues[slot].isLive = true
        if settings.isPaused || isAnother { clearWindow(slot) }
        if isAnother && queues[slot].isLoading { queues[slot].isLoadOutdated = true }
        update(slot)
    }

    /// A delivery was committed. It is kept when the window has room; else the state keeps it.
    mutating func accepted(_ delivery: DueDelivery) {
        guard let slot = slots[delivery.subscription] else { return }
        // Older ones that are not in memory go first.
        let isBehind = queues[slot].hasMore || queues[slot].isLoading || queues[slot].settings.isPaused
        if isBehind || queues[slot].windowCount >= room(slot) {
            queues[slot].hasMoreBehind()
        } else {
            add(delivery, isRetry: false, slot)
        }
        update(slot)
    }

    /// There may be due work in the state: a delivery was put back, or replayed.
    mutating func stateHasMore(_ subscription: String) {
        guard let slot = slots[subscription] else { return }
        queues[slot].hasMoreAnywhere()
        update(slot)
    }

    /// Pending deliveries have ended in the state, without a request: what waits in memory may be among them, and the next
    /// one of a key may be due.
    mutating func endedInState(_ subscription: String) {
        guard let slot = slots[subscription] else { return }
        clearWindow(slot)
        queues[slot].hasMoreAnywhere()
        if queues[slot].isLoading { queues[slot].isLoadOutdated = true }
        update(slot)
    }

    /// A load ended; nil when it failed.
    mutating func loaded(_ subscription: String, _ work: DueWork?) {
        guard let slot = slots[subscription] else { return }
        let isOutdated = queues[slot].isLoadOutdated
        queues[slot].isLoading = false
        queues[slot].isLoadOutdated = false
        if let work, !isOutdated {
            for delivery in work.first { add(delivery, isRetry: false, slot) }
            for delivery in work.retries { add(delivery, isRetry: true, slot) }
            queues[slot].loaded(upTo: work.first.last?.sequence)
            // What was committed while the load ran may not be in it.
            if work.hasMoreFirst || work.hasMoreRetries { queues[slot].hasMoreBehind() }
            if let time = work.nextRetry { schedule(slot, at: time) }
            if !queues[slot].isLive || queues[slot].settings.isPaused { clearWindow(slot) }
        } else {
            queues[slot].hasMoreAnywhere()
        }
        update(slot)
    }

    /// A request ended: its slot is free, its result is on the way to the state.
    ///
    /// - Parameter report: what it says about the receiver; nil when no request was made after all.
    mutating func finished(_ delivery: QueuedDelivery, _ report: CircuitBreaker.Report?, now: UnixTime) {
        inFlight -= 1
        unrecorded += 1
        if delivery.isRetry { retriesInFlight -= 1 }
        queues[delivery.slot].finish(delivery, report, now: now)
        update(delivery.slot)
    }

    /// A result is durable.
    ///
    /// - Parameter retry: when the delivery is due again, if it is.
    mutating func recorded(_ delivery: QueuedDelivery, retry: UnixTime?) {
        unrecorded -= 1
        let slot = delivery.slot
        queues[slot].forget(delivery)
        if let retry { schedule(slot, at: retry) }
        // The end of a keyed delivery makes the next one of its key due in the state.
        if delivery.delivery.orderKey != nil { queues[slot].hasMoreAnywhere() }
        update(slot)
    }

    /// A request that was taken back, or whose result could not be recorded: it is pending in the state.
    mutating func returned(_ delivery: QueuedDelivery) {
        recorded(delivery, retry: nil)
        stateHasMore(delivery.delivery.subscription)
    }

    /// Nothing new starts any more.
    mutating func drain() { isDraining = true }

    // MARK: What to do

    /// Nothing is under way and everything is recorded.
    var isIdle: Bool { inFlight == 0 && unrecorded == 0 }

    /// When to call `next` again although nothing happened.
    var wakeTime: UnixTime? { timers.min?.time }

    /// How each live subscription stands.
    var statuses: [String: QueueStatus] {
        let live = queues.lazy.filter(\.isLive).map { queue in
            let status = QueueStatus(
                inFlight: queue.inFlight, breaker: queue.breaker?.state, isGone: queue.isGone,
                isPaused: queue.settings.isPaused)
            return (queue.subscription, status)
        }
        return Dictionary(uniqueKeysWithValues: live)
    }

    func inFlight(of subscription: String) -> Int { slots[subscription].map { queues[$0].inFlight } ?? 0 }

    /// What to send and to load now.
    mutating func next(now: UnixTime) -> (deliveries: [QueuedDelivery], loads: [Load]) {
        guard !isDraining else { return ([], []) }
        fireTimers(now)
        var deliveries: [QueuedDelivery] = []
        var loads: [Load] = []
        while unrecorded < limits.maxUnrecorded, let delivery = pick(now) { deliveries.append(delivery) }
        while let slot = wantedLoads.popFirst() {
            queues[slot].isLoadWanted = false
            if needsLoad(slot) { loads.append(load(slot)) }
        }
        return (deliveries, loads)
    }

    private mutating func pick(_ now: UnixTime) -> QueuedDelivery? {
        guard inFlight < limits.maxInFlight else { return nil }
        // Retries go first until they have their quarter; beyond it, what is new does.
        let isRetriesTurn = retriesInFlight < limits.maxInFlight / 4
        if isRetriesTurn, let delivery = pick(isRetry: true, now) { return delivery }
        if let delivery = pick(isRetry: false, now) { return delivery }
        return isRetriesTurn ? nil : pick(isRetry: true, now)
    }

    private mutating func pick(isRetry: Bool, _ now: UnixTime) -> QueuedDelivery? {
        let running = isRetry ? retriesInFlight : inFlight - retriesInFlight
        let quarter = limits.maxInFlight / 4
        guard running < limits.maxInFlight - quarter else { return nil }
        let highest = running < limits.maxInFlight - 2 * quarter ? Int.max : 0
        while let slot = isRetry ? readyRetry.take(upTo: highest) : readyFirst.take(upTo: highest) {
            // One that is passed over is entered again when something of it changes.
            guard queues[slot].canStart, !isRetry || queues[slot].wantsRetry, passesGate(slot, now),
                let delivery = queues[slot].take(isRetry: isRetry, now: now)
            else { continue }
            windowBytes -= delivery.size
            inFlight += 1
            if delivery.isRetry { retriesInFlight += 1 }
            update(slot)
            return delivery
        }
        return nil
    }

    /// A subscription whose gate is closed comes back when it opens, or when its probe ends.
    private mutating func passesGate(_ slot: Int, _ now: UnixTime) -> Bool {
        switch queues[slot].gate(now: now) {
        case .open: return true
        case .probing: return false
        case .closed(let time):
            if queues[slot].gateTime != time {
                queues[slot].gateTime = time
                timers.insert(Timer(time: time, slot: slot))
            }
            return false
        }
    }

    private mutating func fireTimers(_ now: UnixTime) {
        while let timer = timers.min, timer.time <= now {
            timers.removeMin()
            // An entry that was overtaken by an earlier one matches neither.
            if queues[timer.slot].nextRetry == timer.time {
                queues[timer.slot].nextRetry = nil
                queues[timer.slot].hasMoreBehind()
            }
            if queues[timer.slot].gateTime == timer.time { queues[timer.slot].gateTime = nil }
            update(timer.slot)
        }
    }

    // MARK: Book-keeping

    private mutating func addQueue(_ name: String, _ settings: DeliveryQueue.Settings) -> Int {
        queues.append(DeliveryQueue(subscription: name, settings: settings))
        slots[name] = queues.count - 1
        return queues.count - 1
    }

    private mutating func remove(_ slot: Int) {
        queues[slot].isLive = false
        clearWindow(slot)
    }

    private mutating func add(_ delivery: DueDelivery, isRetry: Bool, _ slot: Int) {
        let before = queues[slot].windowSize
        queues[slot].add(QueuedDelivery(delivery, isRetry: isRetry, slot: slot))
        windowBytes += queues[slot].windowSize - before
    }

    private mutating func clearWindow(_ slot: Int) {
        windowBytes -= queues[slot].windowSize
        queues[slot].clearWindow()
    }

    private mutating func schedule(_ slot: Int, at time: UnixTime) {
        if let known = queues[slot].nextRetry, known <= time { return }
        queues[slot].nextRetry = time
        timers.insert(Timer(time: time, slot: slot))
    }

    /// How many deliveries the window of a subscription may hold now.
    private func room(_ slot: Int) -> Int {
        windowBytes < limits.windowBytes ? limits.window : limits.smallWindow
    }

    private func needsLoad(_ slot: Int) -> Bool {
        let queue = queues[slot]
        return queue.isLive && !queue.settings.isPaused && !queue.isLoading && queue.hasMore
            && queue.windowCount <= room(slot) / 2
    }

    private mutating func load(_ slot: Int) -> Load {
        let known = queues[slot].beginLoad()
        return Load(
            subscription: queues[slot].subscription, limit: room(slot) - queues[slot].windowCount,
            except: queues[slot].inMemory, behind: known)
    }

    /// Enters a subscription into the lists that it belongs to now.
    private mutating func update(_ slot: Int) {
        if queues[slot].canStart {
            let level = queues[slot].inFlight
            if !queues[slot].first.isEmpty { readyFirst.insert(slot, level: level) }
            if !queues[slot].retries.isEmpty { readyRetry.insert(slot, level: level) }
        }
        if !queues[slot].isLoadWanted && needsLoad(slot) {
            queues[slot].isLoadWanted = true
            wantedLoads.append(slot)
        }
    }
}
