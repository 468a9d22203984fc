import Store
import Testing

@testable import Runtime

@Suite struct RunClockTests {
    private let wall = SettableClock("2026-01-05T12:00:00Z")

    private func time(_ text: String) -> UnixTime { UnixTime(rfc3339: "2026-01-05T\(text)Z")! }

    @Test func `time goes with the wall clock as long as nobody sets that`() {
        let clock = RunClock(wall)
        for _ in 0..<100 { wall.pass(.seconds(1)) }
        #expect(clock.now() == time("12:01:40"))
        wall.pass(.seconds(86_400))
        #expect(clock.read().ahead == .zero)
    }

    @Test func `a clock that is set back takes nothing from durations, and moments are later`() {
        let clock = RunClock(wall)
        wall.set(by: .seconds(-3600))
        wall.pass(.seconds(60))
        let reading = clock.read()
        #expect(reading.now == time("12:01:00"))
        #expect(reading.ahead == .seconds(3600))
        wall.pass(.seconds(600))
        #expect(clock.now() == time("12:11:00"))
    }

    @Test func `a clock that is set forward again ends that, and time stands by it`() {
        let clock = RunClock(wall)
        wall.set(by: .seconds(-3600))
        _ = clock.read()
        wall.set(by: .seconds(3600))
        wall.pass(.seconds(10))
        #expect(clock.read().now == time("12:00:10"))
        #expect(clock.read().ahead == .zero)
        #expect(clock.caughtUp == .seconds(3600))
        clock.forgetCaughtUp(.seconds(3600))
        #expect(clock.caughtUp == .zero)
    }

    @Test func `a clock that is set forward takes time with it`() {
        let clock = RunClock(wall)
        wall.set(by: .seconds(3600))
        #expect(clock.now() == time("13:00:00"))
        #expect(clock.caughtUp == .zero)
    }

    @Test func `a clock that was set back between two processes goes on from what the state has seen`() {
        let clock = RunClock(wall)
        clock.continues(from: time("12:30:00"))
        #expect(clock.read().now == time("12:30:00"))
        #expect(clock.read().ahead == .seconds(1800))
        clock.continues(from: time("11:00:00"))
        #expect(clock.read().now == time("12:30:00"))
    }

    @Test func `small corrections never bring time back`() {
        let clock = RunClock(wall)
        wall.pass(.seconds(1))
        let known = clock.now()
        wall.set(by: .milliseconds(-20))
        #expect(clock.now() == known)
        #expect(clock.read().ahead == .zero)
    }
}
