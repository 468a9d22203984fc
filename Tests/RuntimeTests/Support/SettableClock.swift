import Store
import Synchronization

/// A wall clock that a test sets, beside an uptime that goes on evenly; its sleeps are real.
final class SettableClock: WallClock {
    private struct State {
        var wall: UnixTime
        var uptime = Duration.seconds(1000)
    }

    private let state: Mutex<State>

    init(_ rfc3339: String) {
        state = Mutex(State(wall: UnixTime(rfc3339: rfc3339) ?? UnixTime(milliseconds: 0)))
    }

    func now() -> UnixTime { state.withLock(\.wall) }
    func uptime() -> Duration { state.withLock(\.uptime) }
    func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }

    /// Time passes on both.
    func pass(_ time: Duration) {
        state.withLock { state in
            state.wall = state.wall + time
            state.uptime += time
        }
    }

    /// Somebody sets the wall clock.
    func set(by time: Duration) { state.withLock { $0.wall = $0.wall + time } }
}
