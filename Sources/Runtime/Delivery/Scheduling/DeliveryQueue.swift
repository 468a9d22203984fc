import DequeModule
import Resources
import Store

/// The window of one subscription's pending deliveries that is in memory, and what is known of the rest.
struct DeliveryQueue {
    /// What the configuration says about the pace of a subscription.
    struct Settings: Sendable, Equatable {
        /// Tells a subscription that was deleted and made again from the one before, whose deliveries are cancelled.
        var createdAt: UnixTime?
        /// Whom the breaker and the mark of a receiver that is gone are about.
        var target: SubscriptionSpec.Target
        /// Of the URL, where that is a secret; nil while it does not resolve.
        var targetFingerprint: String?
        var maxInFlight: Int
        /// Suspended, or a secret does not resolve: deliveries stay pending.
        var isPaused: Bool
        /// Requests a second; nil for no limit.
        var rate: Double?
        /// nil when it is turned off.
        var circuitBreaker: SubscriptionSpec.CircuitBreaker?
    }

    /// What keeps a request from starting besides the number of slots.
    enum Gate: Equatable {
        case open
        case closed(until: UnixTime)
        /// Until the end of the request that is under way.
        case probing
    }

    let subscription: String
    private(set) var settings: Settings
    private(set) var breaker: CircuitBreaker?
    /// The receiver answered 410, and nothing better since.
    private(set) var isGone = false
    private var bucket: TokenBucket?
    /// When the gate opens, if a timer waits for that.
    var gateTime: UnixTime?
    /// False once the subscription is gone.
    var isLive = true
    private(set) var first: Deque<QueuedDelivery> = []
    private(set) var retries: Deque<QueuedDelivery> = []
    /// Memory that the window holds, in bytes.
    private(set) var windowSize = 0
    /// Requests under way.
    private(set) var inFlight = 0
    /// Those of them that are retries.
    private(set) var retriesInFlight = 0
    /// Everything that is in memory: in the window, under way, or not recorded yet.
    private(set) var inMemory: Set<CommitSequence> = []
    /// The state may hold due deliveries that are not in memory.
    private(set) var hasMore = true
    /// How far the first attempts in the state were loaded: what is not in memory lies behind it.
    private(set) var loadedUpTo: CommitSequence?
    /// Something before that may have become due.
    private var isUnordered = false
    var isLoading = false
    /// The load under way began before what it looks for was cancelled, or expired.
    var isLoadOutdated = false
    /// When the state's next retry becomes due.
    var nextRetry: UnixTime?
    var isLoadWanted = false
    /// Picks so far; with few slots every fourth is a retry's.
    private var turn = 0

    init(subscription: String, settings: Settings) {
        self.subscription = subscription
        self.settings = settings
        breaker = settings.circuitBreaker.map(CircuitBreaker.init)
        bucket = settings.rate.map(TokenBucket.init)
    }

    /// Takes new settings over; breaker and bucket keep what they know unless their own settings changed, and nothing is
    /// known of another receiver.
    mutating func configure(_ new: Settings) {
        var new = new
        // A secret that comes back with its value is the same receiver.
        new.targetFingerprint = new.targetFingerprint ?? settings.targetFingerprint
        let hasOtherURL = settings.targetFingerprint.map { $0 != new.targetFingerprint } ?? false
        let isOtherReceiver =
            new.target != settings.target || hasOtherURL || new.createdAt != settings.createdAt
        if isOtherReceiver { isGone = false }
        if isOtherReceiver || new.circuitBreaker != settings.circuitBreaker {
            breaker = new.circuitBreaker.map(CircuitBreaker.init)
        }
        if new.rate != settings.rate { bucket = new.rate.map(TokenBucket.init) }
        settings = new
    }

    /// Whether breaker and rate limit let a request start now.
    mutating func gate(now: UnixTime) -> Gate {
        if breaker?.allows(now: now) == false {
            return breaker?.opensAt.map { .closed(until: $0) } ?? .probing
        }
        return bucket?.nextToken(now: now).map { .closed(until: $0) } ?? .open
    }

    var windowCount: Int { first.count + retries.count }

    var canStart: Bool {
        isLive && !settings.isPaused && inFlight < settings.maxInFlight && !(first.isEmpty && retries.isEmpty)
    }

    /// Puts a delivery into the window; one that is in memory already is left where it is.
    mutating func add(_ delivery: QueuedDelivery) {
        guard inMemory.insert(delivery.sequence).inserted else { return }
        if delivery.isRetry { retries.append(delivery) } else { first.append(delivery) }
        windowSize += delivery.size
    }

    /// Whether it is a retry's turn: always without first attempts, else until retries have their quarter of the
    /// slots; with fewer than four slots, every fourth time.
    var wantsRetry: Bool {
        let share = settings.maxInFlight / 4
        return !retries.isEmpty && (first.isEmpty || (share > 0 ? retriesInFlight < share : turn % 4 == 3))
    }

    /// Takes the next delivery of one kind.
    ///
    /// - Precondition: the gate is open.
    mutating func take(isRetry: Bool, now: UnixTime) -> QueuedDelivery? {
        guard canStart, let delivery = isRetry ? retries.popFirst() : first.popFirst() else { return nil }
        _ = bucket?.take(now: now)
        breaker?.started()
        turn &+= 1
        inFlight += 1
        if isRetry { retriesInFlight += 1 }
        windowSize -= delivery.size
        return delivery
    }

    /// A request ended.
    ///
    /// - Parameter report: nil when no request was made after all.
    mutating func finish(_ delivery: QueuedDelivery, _ report: CircuitBreaker.Report?, now: UnixTime) {
        inFlight -= 1
        if delivery.isRetry { retriesInFlight -= 1 }
        if report == .gone { isGone = true }
        if report == .success { isGone = false }
        if let report { breaker?.ended(report, now: now) } else { breaker?.abandoned() }
    }

    /// A delivery is in the state alone again.
    mutating func forget(_ delivery: QueuedDelivery) { inMemory.remove(delivery.sequence) }

    /// There may be more behind what was loaded.
    mutating func hasMoreBehind() { hasMore = true }

    /// There may be more anywhere.
    mutating func hasMoreAnywhere() {
        hasMore = true
        isUnordered = true
    }

    /// A load begins; it looks behind the place that is returned.
    mutating func beginLoad() -> CommitSequence? {
        isLoading = true
        hasMore = false
        if isUnordered { loadedUpTo = nil }
        isUnordered = false
        return loadedUpTo
    }

    /// A load has come to this delivery.
    mutating func loaded(upTo sequence: CommitSequence?) { loadedUpTo = sequence ?? loadedUpTo }

    /// Leaves the window to the state.
    mutating func clearWindow() {
        for delivery in first { inMemory.remove(delivery.sequence) }
        for delivery in retries { inMemory.remove(delivery.sequence) }
        if windowCount > 0 { hasMoreAnywhere() }
        first = []
        retries = []
        windowSize = 0
    }
}
