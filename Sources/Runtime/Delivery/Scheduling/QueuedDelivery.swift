import Store

/// A pending delivery in memory. A reference, so that it moves through the queues as one pointer.
final class QueuedDelivery: Sendable {
    let delivery: DueDelivery
    /// A retry of the current budget, or a redelivery.
    let isRetry: Bool
    /// Where the scheduler has its queue.
    let slot: Int
    /// About how much memory it holds, in bytes.
    let size: Int

    init(_ delivery: DueDelivery, isRetry: Bool, slot: Int) {
        self.delivery = delivery
        self.isRetry = isRetry
        self.slot = slot
        size = delivery.event.data.count + (delivery.body?.utf8.count ?? 0) + 512
    }

    var sequence: CommitSequence { delivery.sequence }
}
