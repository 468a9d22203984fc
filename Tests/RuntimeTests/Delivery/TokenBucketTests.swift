import Store
import Testing

@testable import Runtime

struct TokenBucketTests {
    private let start = UnixTime(milliseconds: 5_000)

    private func expect(
        takes expected: Bool, _ bucket: inout TokenBucket, _ now: UnixTime,
        at place: SourceLocation = #_sourceLocation
    ) {
        let takes = bucket.take(now: now)
        #expect(takes == expected, sourceLocation: place)
    }

    private func expect(
        next expected: UnixTime?, _ bucket: inout TokenBucket, _ now: UnixTime,
        at place: SourceLocation = #_sourceLocation
    ) {
        let time = bucket.nextToken(now: now)
        #expect(time == expected, sourceLocation: place)
    }

    @Test func `holds one second's worth and refills steadily`() {
        var bucket = TokenBucket(rate: 10)
        let taken = (0..<20).count { _ in bucket.take(now: start) }
        #expect(taken == 10)
        expect(next: start + .milliseconds(100), &bucket, start)
        expect(takes: false, &bucket, start + .milliseconds(99))
        expect(takes: true, &bucket, start + .milliseconds(100))
        expect(next: nil, &bucket, start + .seconds(3600))
        let afterPause = (0..<20).count { _ in bucket.take(now: start + .seconds(3600)) }
        #expect(afterPause == 10)
    }

    @Test func `lets one through at rates below one a second`() {
        var bucket = TokenBucket(rate: 1.0 / 60)
        expect(takes: true, &bucket, start)
        expect(takes: false, &bucket, start + .seconds(59))
        expect(takes: true, &bucket, start + .seconds(60))
    }

    @Test func `gains nothing from a clock that is set back`() {
        var bucket = TokenBucket(rate: 1)
        expect(takes: true, &bucket, start)
        expect(takes: false, &bucket, start - .seconds(100))
        expect(takes: true, &bucket, start - .seconds(99))
    }
}
