import DequeModule
import Store
import WorkflowEngine

/// Which request goes next: a pure decision.
///
/// Origins take turns, and none gets more than a share of the slots, so that a slow one holds up nobody else. Of each
/// origin a bounded number of requests waits in memory; the runs of further ones are remembered by their number only.
struct RequestSlots<Request: Sendable>: Sendable {
    struct Limits: Sendable {
        /// Requests under way.
        var total = 256
        /// Of them, to one origin.
        var perOrigin = 64
        /// That wait in memory, of one origin.
        var waiting = 512
    }

    struct Item: Sendable {
        let order: RequestOrder
        let request: Request
    }

    private struct Origin: Sendable {
        var inFlight = 0
        var waiting: Deque<Item> = []
        var parked: Deque<CommitSequence> = []
    }

    private var origins: [String: Origin] = [:]
    /// Origins with waiting requests, in the order of their turns.
    private var turns: Deque<String> = []
    private(set) var inFlight = 0
    private let limits: Limits

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Requests that wait in memory.
    var waiting: Int { origins.values.reduce(0) { $0 + $1.waiting.count } }

    /// Takes a request; false when its run has to come again: `resumed` will name it.
    mutating func add(_ item: Item, to name: String) -> Bool {
        var origin = origins[name] ?? Origin()
        defer { origins[name] = origin }
        guard origin.waiting.count < limits.waiting else {
            origin.parked.append(item.order.run)
            return false
        }
        if origin.waiting.isEmpty { turns.append(name) }
        origin.waiting.append(item)
        return true
    }

    /// The requests that may be sent now.
    mutating func next() -> [(origin: String, item: Item)] {
        var chosen: [(String, Item)] = []
        var passed = 0
        while inFlight < limits.total, passed < turns.count, let name = turns.popFirst() {
            guard var origin = origins[name], !origin.waiting.isEmpty else { continue }
            guard origin.inFlight < limits.perOrigin else {
                turns.append(name)
                passed += 1
                continue
            }
            passed = 0
            let item = origin.waiting.removeFirst()
            origin.inFlight += 1
            inFlight += 1
            if !origin.waiting.isEmpty { turns.append(name) }
            origins[name] = origin
            chosen.append((name, item))
        }
        return chosen
    }

    /// A request has ended. Returns the runs that may come again.
    mutating func finished(_ name: String) -> [CommitSequence] {
        guard var origin = origins[name] else { return [] }
        inFlight -= 1
        origin.inFlight -= 1
        var resumed: [CommitSequence] = []
        while origin.waiting.count + resumed.count < limits.waiting / 2, let run = origin.parked.popFirst() {
            resumed.append(run)
        }
        let isIdle = origin.inFlight == 0 && origin.waiting.isEmpty && origin.parked.isEmpty
        origins[name] = isIdle ? nil : origin
        return resumed
    }

    /// Takes a waiting request back; false when it is not there.
    mutating func withdraw(_ run: CommitSequence, _ step: StepAddress) -> Bool {
        for (name, origin) in origins {
            guard
                let index = origin.waiting.firstIndex(where: { $0.order.run == run && $0.order.step == step })
            else { continue }
            origins[name]?.waiting.remove(at: index)
            if origins[name]?.waiting.isEmpty == true { turns.removeAll { $0 == name } }
            return true
        }
        return false
    }
}
