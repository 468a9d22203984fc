import Resources
import Store
import Testing

@testable import Runtime

struct CronTimesTests {
    private func next(_ cron: String, _ zone: String, after time: String) throws -> String? {
        let expression = try #require(CronExpression(cron))
        let times = try #require(CronTimes(expression, timeZone: zone))
        let start = try #require(UnixTime(rfc3339: time))
        return times.next(after: start)?.description
    }

    @Test(arguments: [
        ("0 7 * * 1-5", "Europe/Berlin", "2026-11-27T07:00:00Z", "2026-11-30T06:00:00Z"),
        ("30 2 * * *", "UTC", "2026-01-01T02:30:00Z", "2026-01-02T02:30:00Z"),
        ("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("0 0 13 * 5", "UTC", "2026-11-01T00:00:00Z", "2026-11-06T00:00:00Z"),
    ])
    func `the next time of a schedule`(cron: String, zone: String, after: String, expected: String) throws {
        #expect(try next(cron, zone, after: after) == expected)
    }

    @Test(arguments: CronTable.rows)
    func `the next time of a schedule around clock changes`(row: [String]) throws {
        #expect(try next(row[0], row[1], after: row[2]) == row[3])
    }

    @Test func `a local time that a clock change skips is the first instant after it`() throws {
        // In Berlin the clock went from 2:00 to 3:00 on 29 March 2026, at 01:00 UTC.
        #expect(
            try next("30 2 * * *", "Europe/Berlin", after: "2026-03-28T12:00:00Z") == "2026-03-29T01:00:00Z")
        #expect(
            try next("30 2 * * *", "Europe/Berlin", after: "2026-03-29T01:00:00Z") == "2026-03-30T00:30:00Z")
    }

    @Test func `a local time that is there twice counts once`() throws {
        // In Berlin the clock went from 3:00 back to 2:00 on 25 October 2026, at 01:00 UTC.
        #expect(
            try next("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z") == "2026-10-25T00:30:00Z")
        #expect(
            try next("30 2 * * *", "Europe/Berlin", after: "2026-10-25T00:30:00Z") == "2026-10-26T01:30:00Z")
    }

    @Test func `of missed times the last one is caught up with`() throws {
        let expression = try #require(CronExpression("*/10 * * * *"))
        let times = try #require(CronTimes(expression, timeZone: "UTC"))
        let now = try #require(UnixTime(rfc3339: "2026-01-01T12:34:00Z"))
        #expect(times.last(upTo: now, after: now - .seconds(3600))?.description == "2026-01-01T12:30:00Z")
        #expect(times.last(upTo: now, after: now - .seconds(60)) == nil)
    }
}
