import Resources
import Store
import Testing

@testable import Runtime

struct BackoffTests {
    private let policy = RetryPolicy(
        maxAttempts: 15, initialBackoff: .seconds(5), multiplier: 3, maxBackoff: .seconds(14_400), jitter: 0.2
    )

    @Test(arguments: [(1, 5), (2, 15), (3, 45), (4, 135), (8, 10_935), (9, 14_400), (1000, 14_400)])
    func `grows by the multiplier up to the limit`(_ attempt: Int, _ seconds: Int) {
        #expect(Backoff.delay(after: attempt, policy, retryAfter: nil, random: 0.5) == .seconds(seconds))
    }

    @Test(arguments: [(1, 300), (2, 600), (3, 1000), (4, 1000), (1000, 1000)])
    func `grows to the limit also below a second`(_ attempt: Int, _ milliseconds: Int) {
        let policy = RetryPolicy(
            maxAttempts: 15, initialBackoff: .milliseconds(300), multiplier: 2, maxBackoff: .seconds(1),
            jitter: 0)
        #expect(
            Backoff.delay(after: attempt, policy, retryAfter: nil, random: 0.5) == .milliseconds(milliseconds)
        )
    }

    @Test func `reaches a limit that is more times the first wait than it has seconds`() {
        let policy = RetryPolicy(
            maxAttempts: 15, initialBackoff: .milliseconds(200), multiplier: 3, maxBackoff: .seconds(5),
            jitter: 0)
        #expect(Backoff.delay(after: 9, policy, retryAfter: nil, random: 0.5) == .seconds(5))
    }

    @Test func `spreads by the jitter both ways but not beyond the limit`() {
        #expect(Backoff.delay(after: 1, policy, retryAfter: nil, random: 0) == .seconds(4))
        #expect(Backoff.delay(after: 1, policy, retryAfter: nil, random: 0.999_999) < .seconds(6))
        #expect(Backoff.delay(after: 1, policy, retryAfter: nil, random: 0.999_999) > .milliseconds(5_990))
        #expect(Backoff.delay(after: 20, policy, retryAfter: nil, random: 0.99) == .seconds(14_400))
    }

    @Test func `waits as long as the receiver asks, up to the limit`() {
        #expect(Backoff.delay(after: 1, policy, retryAfter: .seconds(60), random: 0.5) == .seconds(60))
        #expect(Backoff.delay(after: 2, policy, retryAfter: .seconds(1), random: 0.5) == .seconds(15))
        #expect(
            Backoff.delay(after: 1, policy, retryAfter: .seconds(1_000_000), random: 0.5) == .seconds(14_400))
    }
}

struct RetryAfterTests {
    /// 1994-11-06T08:49:07Z, half a minute before the dates of RFC 9110.
    private let now = UnixTime(milliseconds: 784_111_747_000)

    @Test(arguments: [
        ("120", 120), (" 0 ", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
        ("Sun Nov  6 08:49:37 1994", 30), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ])
    func `reads seconds and the three forms of a date`(_ text: String, _ seconds: Int) {
        #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
    }

    @Test(arguments: ["", "soon", "-1", "1.5", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994", "0x10"])
    func `ignores what is neither`(_ text: String) {
        #expect(RetryAfter.parse(text, now: now) == nil)
    }

    @Test func `takes a number beyond all bounds as very long`() {
        #expect(RetryAfter.parse("99999999999999999999", now: now) == .seconds(Int64(Int32.max)))
    }
}
