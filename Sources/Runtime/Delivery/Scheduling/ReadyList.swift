import DequeModule

/// Subscriptions that may start a request, by how many they have under way, each level in turn.
///
/// A subscription moves between levels by being entered anew; what is left of it elsewhere is recognised when it is
/// taken, and cleared away before it becomes much.
struct ReadyList {
    private var levels: [Deque<Int>] = []
    private var count = 0

    /// Enters a subscription at its level, unless it is there.
    mutating func insert(_ slot: Int, _ queue: inout DeliveryQueue) {
        guard queue.readyLevel != queue.inFlight else { return }
        while levels.count <= queue.inFlight { levels.append([]) }
        levels[queue.inFlight].append(slot)
        queue.readyLevel = queue.inFlight
        count += 1
    }

    /// Takes the one whose turn it is among those with the fewest requests under way.
    mutating func take(_ queues: inout [DeliveryQueue], upTo highest: Int) -> Int? {
        for level in levels.indices where level <= highest {
            while let slot = levels[level].popFirst() {
                count -= 1
                guard queues[slot].readyLevel == level, queues[slot].inFlight == level else { continue }
                queues[slot].readyLevel = nil
                return slot
            }
        }
        return nil
    }

    /// Drops stale entries when they outnumber the subscriptions.
    mutating func compactIfNeeded(_ queues: inout [DeliveryQueue]) {
        guard count > 2 * queues.count + 64 else { return }
        var seen = Set<Int>()
        for level in levels.indices {
            levels[level].removeAll { slot in
                queues[slot].readyLevel != level || !seen.insert(slot).inserted
            }
        }
        count = levels.reduce(0) { $0 + $1.count }
    }
}
