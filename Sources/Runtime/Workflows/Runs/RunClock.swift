import Store
import Synchronization

/// The wall clock as runs see it: it never goes back.
///
/// A clock that is set back would move timers away by what it lost. Instead time goes on from where it was, until the
/// process ends.
final class RunClock: Sendable {
    private struct State {
        var last: UnixTime
        /// How far the clock was set back.
        var lost = Duration.zero
    }

    private let clock: any WallClock
    private let state: Mutex<State>

    init(_ clock: any WallClock) {
        self.clock = clock
        state = Mutex(State(last: clock.now()))
    }

    /// What the state has seen of the clock: time goes on from there, if the clock was set back in the meantime.
    func continues(from seen: UnixTime) {
        let now = clock.now()
        state.withLock { state in
            if now < seen { state.lost = max(state.lost, seen - now) }
        }
    }

    func now() -> UnixTime {
        let wall = clock.now()
        return state.withLock { state in
            if wall < state.last { state.lost += state.last - wall }
            state.last = wall
            return wall + state.lost
        }
    }
}
