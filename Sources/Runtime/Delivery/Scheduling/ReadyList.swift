import DequeModule

/// Subscriptions that may start a request, by how many they have under way, each level in turn.
///
/// A subscription moves between levels by being entered anew; what is left of it elsewhere is recognised when it is
/// taken, and cleared away before it becomes much.
struct ReadyList {
    private var levels: [Deque<Int>] = []
    /// The level at which a subscription is entered; nil when it is not.
    private var entered: [Int?] = []
    private var count = 0
    /// No level before it holds anything.
    private var lowest = 0

    /// Enters a subscription at its level, unless it is there.
    mutating func insert(_ slot: Int, level: Int) {
        while entered.count <= slot { entered.append(nil) }
        guard entered[slot] != level else { return }
        while levels.count <= level { levels.append([]) }
        levels[level].append(slot)
        entered[slot] = level
        lowest = min(lowest, level)
        count += 1
        if count > 2 * entered.count + 64 { compact() }
    }

    /// Takes the one whose turn it is among those with the fewest requests under way.
    ///
    /// - Parameter highest: the last level to look at.
    mutating func take(upTo highest: Int) -> Int? {
        while count > 0, lowest <= highest {
            guard let slot = levels[lowest].popFirst() else {
                lowest += 1
                continue
            }
            count -= 1
            guard entered[slot] == lowest else { continue }
            entered[slot] = nil
            return slot
        }
        return nil
    }

    /// Drops stale entries.
    private mutating func compact() {
        var seen = Set<Int>()
        for level in levels.indices {
            levels[level].removeAll { entered[$0] != level || !seen.insert($0).inserted }
        }
        count = levels.reduce(0) { $0 + $1.count }
    }
}
