import Runtime
import Store

/// A wall clock that stands still at a given time; its sleeps are real.
struct FixedClock: WallClock {
    let time: UnixTime

    init(seconds: Int64) { time = UnixTime(milliseconds: seconds * 1000) }

    func now() -> UnixTime { time }
    func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }
}
