import Testing

@testable import Expressions

@Suite struct TimeTests {
    static let examples: [Example] = [
        Example("timestamp('2024-02-29T23:59:59.5+01:00')", "timestamp('2024-02-29T22:59:59.5Z')"),
        Example("timestamp('2000-01-01T00:00:00Z').getDayOfYear()", "0"),
        Example("timestamp('2024-12-31T00:00:00Z').getDayOfYear()", "365"),
        Example("timestamp('0001-01-01T00:00:00Z').getFullYear()", "1"),
        Example("timestamp('2026-05-05T11:45:07.123456789Z').getMilliseconds()", "123"),
        Example("timestamp('2026-07-01T00:30:00Z').getHours('Europe/Berlin')", "2"),
        Example("timestamp('2026-01-01T00:30:00Z').getHours('Europe/Berlin')", "1"),
        Example("timestamp('2026-01-01T00:30:00Z').getFullYear('-01:00')", "2025"),
        Example("string(timestamp(0))", "'1970-01-01T00:00:00Z'"),
        Example("string(duration('1h30m0.5s'))", "'5400.5s'"),
        Example("string(duration('-1.5us'))", "'-0.0000015s'"),
        Example("duration('1.5h')", "duration('90m')"),
        Example("event.ts + duration('1h') > event.ts", "true"),
        Example("timestamp('2026-05-05T12:00:00Z') - event.ts", "duration('14m53s')"),
    ]

    @Test(arguments: examples)
    func `times are computed in the proleptic Gregorian calendar`(_ example: Example) throws {
        #expect(try example.mismatch() == nil)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
        "0000-12-31T00:00:00Z",
        "2026-1-01T00:00:00Z", "2026-01-01T00:00:00.Z", "",
    ])
    func `a text that is no RFC 3339 time is refused`(_ text: String) { #expect(Timestamp(text) == nil) }

    @Test(arguments: ["", "1", "h", "1x", "1h-1m", ".s", "3000000h", "1 h"])
    func `a text that is no duration is refused`(_ text: String) { #expect(CELDuration(text) == nil) }

    @Test func `an unknown time zone is an error`() {
        #expect(throws: EvaluationError.self) { try Samples.evaluate("event.ts.getHours('Mars/Olympus')") }
    }
}
