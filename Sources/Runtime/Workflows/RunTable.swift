import DequeModule
import Store
import WorkflowEngine

/// Which runs are in memory, which are worked on, and which come next. Pure: a shell performs the turns.
struct RunTable: Sendable {
    struct Limits: Sendable {
        /// Runs that are worked on at once.
        var turns = 128
        /// Numbers of runs that wait for their turn; what is beyond is found in the state again.
        var ready = 100_000
        /// Runs that stay in memory though they have nothing to do, because reading them again would cost: those whose
        /// journals have so many entries, so many of them, with so many bytes of state in all.
        var keptFrom = 20
        var kept = 256
        var keptBytes = 32 << 20
        /// Runs in line that are in memory; the others are read when it is their turn.
        var begun = 1000
    }

    /// One run's turn: what it knows and what it has to be told.
    struct Turn: Sendable {
        let run: CommitSequence
        /// nil: it has to be read.
        let loaded: LoadedRun?
        /// Whether the state has something for it.
        let isWoken: Bool
        /// Outcomes of requests.
        let heard: [RunInput]
        /// Steps whose requests are out or in line.
        let sending: Set<StepAddress>
        /// Whether requests of it found no room, so that they were not sent.
        let wasParked: Bool
    }

    /// What a turn came to.
    struct Result: Sendable {
        /// nil for a run that is of no interest any more.
        var loaded: LoadedRun?
        var requests: [RequestOrder] = []
        /// Steps whose requests will not be sent.
        var withdrawn: [StepAddress] = []
        /// Whether it has to have another turn at once.
        var hasMore = false
        var timer: UnixTime?
        /// Whether it has to be read again, and told the same.
        var isStale = false

        static let ended = Result()
        static let stale = Result(hasMore: true, isStale: true)
    }

    private struct Slot {
        /// A run in a place of its own: it is large, most slots have none, and a table keeps room for all that it ever had.
        private final class Place: Sendable {
            let run: LoadedRun

            init(_ run: LoadedRun) { self.run = run }
        }

        private var place: Place?
        var isBusy = false
        var isQueued = false
        var isWoken = false
        var heard: [RunInput] = []
        var sending: Set<StepAddress> = []
        var failures = 0

        init(loaded: LoadedRun? = nil, isWoken: Bool = false) {
            self.isWoken = isWoken
            self.loaded = loaded
        }

        var loaded: LoadedRun? {
            get { place?.run }
            set { place = newValue.map(Place.init) }
        }
    }

    private var slots: [CommitSequence: Slot] = [:]
    private var ready: Deque<CommitSequence> = []
    private var parked: Set<CommitSequence> = []
    /// Runs that failed, and when they are tried again.
    private var delayed: [CommitSequence: UnixTime] = [:]
    /// Runs that are kept, the longest first, and their bytes.
    private var kept: [(run: CommitSequence, bytes: Int)] = []
    private var keptBytes = 0
    /// Runs that begin with their events and are on the way to the state, or were stored and are not in `slots` yet.
    private var expected: Set<WorkflowRunID> = []
    private var turns = 0
    /// Whether runs may be ready that only the state knows.
    private var hasUnknown = true
    private(set) var isDraining = false
    /// Workflows whose runs of other revisions have to end.
    private(set) var rollouts: [Rollout] = []
    /// The live revisions, by workflow; nil before this process has heard of any.
    private var revisions: [String: String]?
    /// When the next timer is due, as far as it is known.
    private(set) var nextTimer: UnixTime?
    private var lastTimers: UnixTime?
    /// What was heard of timers since the state was last asked for them; its answer may be older than that.
    private var timersMeanwhile: (earliest: UnixTime?, changed: Bool) = (nil, false)
    private let limits: Limits

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Runs that are in memory or wait for their turn.
    var loaded: Int { slots.count }

    /// Runs whose last turn failed.
    var failing: Int { slots.values.count { $0.failures > 0 } }

    /// Results of requests that could not be stored yet.
    var unrecorded: Int {
        slots.values.reduce(0) { $1.failures > 0 ? $0 + $1.heard.count : $0 }
    }

    // MARK: Revisions

    /// A workflow whose runs of other revisions have to end.
    struct Rollout: Equatable {
        let workflow: String
        /// Of the live revision.
        let digest: String
        /// After a start nobody knows whether it was done before; what a person has repeated since then is left alone.
        let sparesRepeats: Bool
    }

    /// These are the live revisions; those that say `rollout: cancel` end older runs, once.
    mutating func configure(_ live: [(workflow: String, digest: String, endsOlder: Bool)]) {
        for (workflow, digest, endsOlder) in live where revisions?[workflow] != digest {
            rollouts.removeAll { $0.workflow == workflow }
            guard endsOlder else { continue }
            rollouts.append(
                Rollout(workflow: workflow, digest: digest, sparesRepeats: revisions == nil))
        }
        revisions = Dictionary(live.map { ($0.workflow, $0.digest) }) { first, _ in first }
    }

    /// The runs were asked to end.
    mutating func rolledOut(_ rollout: Rollout) { rollouts.removeAll { $0 == rollout } }

    // MARK: Events

    /// The state has something for a run.
    mutating func wake(_ run: CommitSequence) {
        if slots[run] != nil {
            slots[run]?.isWoken = true
            enqueue(run)
        } else {
            _ = found(run)
        }
    }

    /// A run was stored that begins now.
    ///
    /// - Parameter loaded: nil when it has to be read.
    mutating func begin(_ run: CommitSequence, _ loaded: LoadedRun?) {
        guard let loaded, slots[run] == nil, ready.count < limits.begun else { return wake(run) }
        slots[run] = Slot(loaded: loaded)
        enqueue(run)
    }

    /// Runs are about to be stored that begin with their events.
    mutating func expect(_ runs: [WorkflowRunID]) { expected.formUnion(runs) }

    mutating func forget(_ runs: [WorkflowRunID]) { expected.subtract(runs) }

    /// A run was stored that has begun with its event; its requests leave now.
    mutating func adopt(_ run: LoadedRun, sending: [StepAddress], timer: UnixTime?) {
        expected.remove(run.id)
        if let timer { note(timer) }
        guard !sending.isEmpty else { return }
        // Who was faster than the news reads it, and then knows of its requests.
        if slots[run.sequence] == nil { slots[run.sequence] = Slot(loaded: run) }
        slots[run.sequence]?.sending.formUnion(sending)
    }

    /// What a run that was read, with requests under way, has to think of them.
    enum Requests {
        /// This process sends them.
        case known
        /// They are about to leave.
        case coming
        /// An earlier process sent them, or nobody.
        case unknown
    }

    func requests(of run: LoadedRun) -> Requests {
        if expected.contains(run.id) { return .coming }
        guard let slot = slots[run.sequence], !slot.sending.isEmpty || !slot.heard.isEmpty else {
            return .unknown
        }
        return .known
    }

    /// A run is ready, or its time has come. False when there is no room to remember it.
    mutating func found(_ run: CommitSequence) -> Bool {
        if slots[run] == nil {
            guard delayed[run] == nil else { return true }
            guard ready.count < limits.ready else {
                hasUnknown = true
                return false
            }
            slots[run] = Slot(isWoken: true)
        } else if kept.contains(where: { $0.run == run }) {
            slots[run]?.isWoken = true
        }
        enqueue(run)
        return true
    }

    /// A request of a run has ended.
    mutating func heard(_ input: RunInput, _ step: StepAddress, of run: CommitSequence) {
        // One that is not in memory has ended, or did not want it any more.
        guard slots[run] != nil else { return }
        slots[run]?.heard.append(input)
        slots[run]?.sending.remove(step)
        enqueue(run)
    }

    /// A request found no room; its run comes again.
    mutating func park(_ request: RequestOrder) {
        parked.insert(request.run)
        slots[request.run]?.sending.remove(request.step)
        letGo(request.run)
    }

    mutating func wakeDelayed(now: UnixTime) {
        for (run, time) in delayed where time <= now {
            delayed[run] = nil
            wake(run)
        }
    }

    // MARK: Turns

    private mutating func enqueue(_ run: CommitSequence) {
        guard var slot = slots[run], !slot.isBusy, !slot.isQueued, delayed[run] == nil else { return }
        takeKept(run)
        slot.isQueued = true
        slots[run] = slot
        ready.append(run)
    }

    /// The turns that may begin now.
    mutating func nextTurns() -> [Turn] {
        var chosen: [Turn] = []
        while turns < limits.turns, let run = ready.popFirst() {
            slots[run]?.isQueued = false
            // While it drains, only outcomes are stored.
            guard var slot = slots[run], !isDraining || !slot.heard.isEmpty else { continue }
            chosen.append(
                Turn(
                    run: run, loaded: slot.loaded, isWoken: slot.isWoken, heard: slot.heard,
                    sending: slot.sending, wasParked: parked.remove(run) != nil))
            // The only copy goes away with the turn, so that the engine may change it in place.
            (slot.loaded, slot.isWoken, slot.isBusy) = (nil, false, true)
            slots[run] = slot
            turns += 1
        }
        return chosen
    }

    /// Returns whether there is an earlier timer than before, so that whoever keeps the time has to look again.
    mutating func end(_ turn: Turn, _ result: Result) -> Bool {
        let known = nextTimer
        finish(turn, result)
        return nextTimer != known
    }

    private mutating func finish(_ turn: Turn, _ result: Result) {
        turns -= 1
        guard var slot = slots[turn.run] else { return }
        slot.isBusy = false
        slot.loaded = result.loaded
        if !result.isStale {
            slot.heard.removeFirst(turn.heard.count)
            slot.failures = 0
        }
        // Before they are sent: their outcomes may be there at once.
        slot.sending.formUnion(result.requests.map(\.step))
        slot.sending.subtract(result.withdrawn)
        if result.hasMore { slot.isWoken = true }
        slots[turn.run] = slot
        if turn.wasParked, result.isStale { parked.insert(turn.run) }
        if let timer = result.timer { note(timer) }
        if result.loaded == nil, !result.isStale {
            slots[turn.run] = nil
            // Something may have come while it ended; whoever looks finds that it has.
            if slot.isWoken { _ = found(turn.run) }
        } else if slot.isWoken || !slot.heard.isEmpty {
            enqueue(turn.run)
        } else {
            letGo(turn.run)
        }
    }

    /// A turn failed: it is tried again, later each time. Returns after how long.
    mutating func fail(_ turn: Turn, now: UnixTime) -> Duration {
        turns -= 1
        if turn.wasParked { parked.insert(turn.run) }
        guard var slot = slots[turn.run] else { return .zero }
        (slot.isBusy, slot.isWoken) = (false, true)
        slot.failures += 1
        slots[turn.run] = slot
        let pause = min(Duration.seconds(1 << min(slot.failures - 1, 6)), .seconds(60))
        delayed[turn.run] = now + pause
        note(now + pause)
        return pause
    }

    /// What has nothing to do and no request out is in the state only, unless it is long.
    private mutating func letGo(_ run: CommitSequence) {
        guard let slot = slots[run], !slot.isBusy, !slot.isQueued, slot.sending.isEmpty, slot.heard.isEmpty,
            !slot.isWoken
        else { return }
        guard let loaded = slot.loaded, loaded.entries >= limits.keptFrom else {
            slots[run] = nil
            return
        }
        takeKept(run)
        kept.append((run, loaded.state.size))
        keptBytes += loaded.state.size
        while kept.count > limits.kept || keptBytes > limits.keptBytes {
            let (oldest, bytes) = kept.removeFirst()
            keptBytes -= bytes
            slots[oldest] = nil
        }
    }

    /// A run that was kept is worked on again.
    private mutating func takeKept(_ run: CommitSequence) {
        guard let index = kept.firstIndex(where: { $0.run == run }) else { return }
        keptBytes -= kept.remove(at: index).bytes
    }

    // MARK: Search

    /// Whether runs have to be looked for in the state; then whoever asks does it.
    mutating func beginSearch() -> Bool {
        guard hasUnknown, !isDraining, ready.count < limits.ready / 2 else { return false }
        hasUnknown = false
        return true
    }

    /// Something was stored that has a timer of its own.
    mutating func timersChanged() {
        lastTimers = nil
        timersMeanwhile.changed = true
    }

    private mutating func note(_ timer: UnixTime) {
        nextTimer = nextTimer.map { min($0, timer) } ?? timer
        timersMeanwhile.earliest = timersMeanwhile.earliest.map { min($0, timer) } ?? timer
    }

    /// Whether timers have to be looked for: one is due, or the last look is a second ago. Whoever asks does it then.
    mutating func beginTimers(now: UnixTime) -> Bool {
        guard !isDraining else { return false }
        let isDue = nextTimer.map { $0 <= now } ?? false
        guard isDue || lastTimers.map({ now - $0 >= .seconds(1) }) ?? true else { return false }
        timersMeanwhile = (nil, false)
        return true
    }

    /// - Parameter next: the next one as the state says that was asked after `beginTimers`.
    mutating func setTimers(next: UnixTime?, now: UnixTime) {
        nextTimer = [next, timersMeanwhile.earliest, delayed.values.min()].compactMap(\.self).min()
        lastTimers = timersMeanwhile.changed ? nil : now
    }

    // MARK: Draining

    mutating func drain() {
        isDraining = true
        // What waits in line stays in the state.
        for run in ready where slots[run]?.heard.isEmpty == true { slots[run]?.isQueued = false }
        ready = ready.filter { slots[$0]?.heard.isEmpty == false }.reduce(into: []) { $0.append($1) }
    }

    /// Whether all outcomes are stored.
    var isDrained: Bool {
        isDraining && turns == 0 && slots.values.allSatisfy(\.heard.isEmpty)
    }
}
