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
        var waiting = 2048
        /// Bytes of all that wait in memory; of an origin without any, one may wait all the same.
        var waitingBytes = 16 << 20
    }

    struct Item: Sendable {
        let order: RequestOrder
        let request: Request
        /// Bytes of memory, about.
        var size = 0
    }

    private struct Origin: Sendable {
        var inFlight = 0
        var waiting: Deque<Item> = []
        var parked: Deque<CommitSequence> = []

        var isIdle: Bool { inFlight == 0 && waiting.isEmpty && parked.isEmpty }
    }

    private var origins: [String: Origin] = [:]
    /// Origins with waiting requests, in the order of their turns.
    private var turns: Deque<String> = []
    private(set) var inFlight = 0
    private var waitingBytes = 0
    private let limits: Limits

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Requests that wait in memory.
    var waiting: Int { origins.values.reduce(0) { $0 + $1.waiting.count } }

    // Origins are changed in their places: a copy of one copies all that wait.

    /// Takes a request; false when its run has to come again: `resumed` will name it.
    mutating func add(_ item: Item, to name: String) -> Bool {
        let waiting = origins[name]?.waiting.count ?? 0
        let hasRoom = waiting < limits.waiting && waitingBytes + item.size <= limits.waitingBytes
        guard hasRoom || waiting == 0 else {
            origins[name]?.parked.append(item.order.run)
            return false
        }
        if waiting == 0 { turns.append(name) }
        origins[name, default: Origin()].waiting.append(item)
        waitingBytes += item.size
        return true
    }

    /// The requests that may be sent now.
    mutating func next() -> [(origin: String, item: Item)] {
        var chosen: [(String, Item)] = []
        var passed = 0
        while inFlight < limits.total, passed < turns.count, let name = turns.popFirst() {
            guard let busy = origins[name]?.inFlight else { continue }
            guard busy < limits.perOrigin else {
                turns.append(name)
                passed += 1
                continue
            }
            guard let item = origins[name]?.waiting.popFirst() else { continue }
            passed = 0
            waitingBytes -= item.size
            origins[name]?.inFlight += 1
            inFlight += 1
            if origins[name]?.waiting.isEmpty == false { turns.append(name) }
            chosen.append((name, item))
        }
        return chosen
    }

    /// A request has ended. Returns the runs that may come again.
    mutating func finished(_ name: String) -> [CommitSequence] {
        guard let waiting = origins[name]?.waiting.count else { return [] }
        inFlight -= 1
        origins[name]?.inFlight -= 1
        var resumed: [CommitSequence] = []
        while waiting + resumed.count < limits.waiting / 2, let run = origins[name]?.parked.popFirst() {
            resumed.append(run)
        }
        if origins[name]?.isIdle == true { origins[name] = nil }
        return resumed
    }

    /// Takes a waiting request back; false when it is not there.
    mutating func withdraw(_ run: CommitSequence, _ step: StepAddress) -> Bool {
        for name in origins.keys {
            let index = origins[name]?.waiting.firstIndex { $0.order.run == run && $0.order.step == step }
            guard let index else { continue }
            waitingBytes -= origins[name]?.waiting.remove(at: index).size ?? 0
            if origins[name]?.waiting.isEmpty == true { turns.removeAll { $0 == name } }
            return true
        }
        return false
    }
}
