import Store
import Synchronization

/// Time as runs see it: the wall clock, but it never goes back.
///
/// A clock that is set back would move the ends of durations away by what it lost. Instead time goes on from where it was,
/// ahead of the wall clock, until that is set forward again; the state remembers it beyond the process. A clock that is set
/// forward beyond that takes time with it.
final class RunClock: Sendable {
    struct Reading: Sendable {
        let now: UnixTime
        /// By how much it is ahead of the wall clock.
        let ahead: Duration
    }

    private struct State {
        var wall: UnixTime
        var uptime: Duration
        /// How far the clock was set back, less what it was set forward since.
        var ahead = Duration.zero
        /// The last time that was told.
        var last: UnixTime
        /// What the wall clock has caught up with, and timers have not been told of.
        var caughtUp = Duration.zero
    }

    private let clock: any WallClock
    private let state: Mutex<State>

    /// What two clocks may differ by without one of them having been set.
    private static let tolerance = Duration.milliseconds(50)
    private static let samples = 20

    init(_ clock: any WallClock) {
        self.clock = clock
        let (wall, uptime) = Self.sample(clock)
        state = Mutex(State(wall: wall, uptime: uptime, last: wall))
    }

    /// The time that the state has seen: it goes on from there, if the clock was set back before or in the meantime.
    func continues(from seen: UnixTime) {
        let now = clock.now()
        state.withLock { state in
            if now < seen { state.ahead = max(state.ahead, seen - now) }
        }
    }

    func now() -> UnixTime { read().now }

    func read() -> Reading {
        state.withLock { state in
            // Here, so that no thread comes with an older look than the last.
            let (wall, uptime) = Self.sample(clock)
            let jump = (wall - state.wall) - (uptime - state.uptime)
            if jump < .zero - Self.tolerance || wall < state.wall - Self.tolerance {
                state.ahead += max(.zero - jump, state.wall - wall)
            } else if jump > Self.tolerance, state.ahead > .zero {
                let caughtUp = min(jump, state.ahead)
                state.ahead -= caughtUp
                state.caughtUp += caughtUp
            }
            (state.wall, state.uptime) = (wall, uptime)
            state.last = max(state.last, wall + state.ahead)
            return Reading(now: state.last, ahead: state.ahead)
        }
    }

    /// Both clocks at the same time: a thread that was held up between the two looks again, lest that count as a jump.
    private static func sample(_ clock: any WallClock) -> (wall: UnixTime, uptime: Duration) {
        var sample = (wall: clock.now(), uptime: clock.uptime())
        for _ in 0..<samples {
            let before = clock.uptime()
            sample = (clock.now(), before)
            if clock.uptime() - before < tolerance / 5 { break }
        }
        return sample
    }

    /// By how much timers that are set for moments of the wall clock are nearer now than when they were set.
    var caughtUp: Duration { state.withLock(\.caughtUp) }

    /// Timers have been brought forward.
    func forgetCaughtUp(_ time: Duration) { state.withLock { $0.caughtUp -= time } }
}
