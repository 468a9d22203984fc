import DequeModule
import Store

/// The window of one subscription's pending deliveries that is in memory, and what is known of the rest.
struct DeliveryQueue {
    /// What the configuration says about the pace of a subscription.
    struct Settings: Sendable, Equatable {
        var maxInFlight: Int
        /// Suspended, or a secret does not resolve: deliveries stay pending.
        var isPaused: Bool
    }

    let subscription: String
    var settings: Settings
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
    var hasMore = true
    var isLoading = false
    /// When the state's next retry becomes due.
    var nextRetry: UnixTime?
    /// The level of the ready list that holds the subscription.
    var readyLevel: Int?
    var isLoadWanted = false
    /// Picks so far; with few slots every fourth is a retry's.
    private var turn = 0

    init(subscription: String, settings: Settings) {
        self.subscription = subscription
        self.settings = settings
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

    /// Takes the next delivery. A quarter of the slots is kept for retries; the rest prefers first attempts.
    ///
    /// - Parameters:
    ///   - allowsFirst: whether the global bound has room for a first attempt; `allowsRetry` for a retry.
    mutating func take(allowsFirst: Bool, allowsRetry: Bool) -> QueuedDelivery? {
        guard canStart else { return nil }
        let canFirst = allowsFirst && !first.isEmpty
        let canRetry = allowsRetry && !retries.isEmpty
        guard canFirst || canRetry else { return nil }
        let share = settings.maxInFlight / 4
        let isRetriesTurn = share > 0 ? retriesInFlight < share : turn % 4 == 3
        let takesRetry = canRetry && (isRetriesTurn || !canFirst)
        turn &+= 1
        inFlight += 1
        if takesRetry { retriesInFlight += 1 }
        let delivery = takesRetry ? retries.removeFirst() : first.removeFirst()
        windowSize -= delivery.size
        return delivery
    }

    /// A request ended.
    mutating func finish(_ delivery: QueuedDelivery) {
        inFlight -= 1
        if delivery.isRetry { retriesInFlight -= 1 }
    }

    /// A delivery is in the state alone again.
    mutating func forget(_ delivery: QueuedDelivery) { inMemory.remove(delivery.sequence) }

    /// Leaves the window to the state.
    mutating func clearWindow() {
        for delivery in first { inMemory.remove(delivery.sequence) }
        for delivery in retries { inMemory.remove(delivery.sequence) }
        hasMore = hasMore || windowCount > 0
        first = []
        retries = []
        windowSize = 0
    }
}
