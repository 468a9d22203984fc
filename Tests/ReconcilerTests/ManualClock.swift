import Reconciler
import Store
import Synchronization

/// A clock that only moves when a test says so.
final class ManualClock: WallClock {
    fileprivate struct Sleeper {
        let id: Int
        let wake: UnixTime
        let continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct State {
        var now: UnixTime
        var sleepers: [Sleeper] = []
        var lastID = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        /// Of all sleeps so far.
        var durations: [Duration] = []
    }

    private let state: Mutex<State>

    init(_ now: UnixTime = .t0) { state = Mutex(State(now: now)) }

    func now() -> UnixTime { state.withLock(\.now) }

    var durations: [Duration] { state.withLock(\.durations) }

    func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (isCancelled, watchers) = state.withLock { state in
                    state.durations.append(duration)
                    if Task.isCancelled { return (true, state.takeWatchers()) }
                    state.sleepers.append(
                        Sleeper(id: id, wake: state.now + duration, continuation: continuation))
                    return (false, state.takeWatchers())
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the time on and wakes who has slept long enough.
    func advance(by duration: Duration) {
        let awake = state.withLock { state in
            state.now = state.now + duration
            let now = state.now
            let awake = state.sleepers.filter { $0.wake <= now }
            state.sleepers.removeAll { $0.wake <= now }
            return awake
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }

    /// Returns once so many sleeps have begun since the clock was made.
    func hasSlept(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.durations.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

extension ManualClock.State {
    fileprivate mutating func takeWatchers() -> [CheckedContinuation<Void, Never>] {
        let reached = watchers.filter { durations.count >= $0.count }
        watchers.removeAll { durations.count >= $0.count }
        return reached.map(\.continuation)
    }
}
