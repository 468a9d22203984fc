import Resources
import Store
import Testing

@testable import Runtime

struct CircuitBreakerTests {
    private let start = UnixTime(milliseconds: 1_000_000)
    private var breaker = CircuitBreaker(
        SubscriptionSpec.CircuitBreaker(
            failureRate: 0.5, minimum: 4, window: .seconds(60), cooldown: .seconds(30)))

    private mutating func expect(
        allows expected: Bool, _ now: UnixTime, at place: SourceLocation = #_sourceLocation
    ) {
        let allows = breaker.allows(now: now)
        #expect(allows == expected, sourceLocation: place)
    }

    @Test mutating func `opens when enough attempts failed`() {
        for report in [CircuitBreaker.Report.success, .success, .failure] {
            breaker.ended(report, now: start)
        }
        expect(allows: true, start)
        breaker.ended(.failure, now: start)
        #expect(breaker.state == .open(until: start + .seconds(30)))
        expect(allows: false, start + .seconds(29))
        #expect(breaker.opensAt == start + .seconds(30))
    }

    @Test mutating func `stays closed below the minimum`() {
        for _ in 0..<3 { breaker.ended(.failure, now: start) }
        expect(allows: true, start)
    }

    @Test mutating func `stays closed below the rate`() {
        for _ in 0..<3 { breaker.ended(.success, now: start) }
        for _ in 0..<2 { breaker.ended(.failure, now: start) }
        #expect(breaker.state == .closed)
        breaker.ended(.failure, now: start)
        #expect(breaker.state != .closed)
    }

    @Test mutating func `forgets what is older than the window`() {
        for _ in 0..<3 { breaker.ended(.failure, now: start) }
        breaker.ended(.failure, now: start + .seconds(61))
        #expect(breaker.state == .closed)
    }

    @Test mutating func `lets one request through after the cooldown`() {
        for _ in 0..<4 { breaker.ended(.failure, now: start) }
        let later = start + .seconds(30)
        expect(allows: true, later)
        breaker.started()
        expect(allows: false, later)
        breaker.ended(.failure, now: later)
        #expect(breaker.state == .open(until: later + .seconds(30)))
        expect(allows: true, later + .seconds(30))
        breaker.started()
        breaker.ended(.success, now: later + .seconds(30))
        #expect(breaker.state == .closed)
        expect(allows: true, later + .seconds(30))
    }

    @Test mutating func `lets the next one through when the probe was taken back`() {
        for _ in 0..<4 { breaker.ended(.failure, now: start) }
        expect(allows: true, start + .seconds(30))
        breaker.started()
        breaker.abandoned()
        expect(allows: true, start + .seconds(30))
    }

    @Test mutating func `opens at once when the receiver is gone`() {
        breaker.ended(.gone, now: start)
        #expect(breaker.state == .open(until: start + .seconds(30)))
    }

    @Test mutating func `does not stay open because the clock was set back`() {
        breaker.ended(.gone, now: start)
        expect(allows: true, start - .seconds(3600))
    }
}
