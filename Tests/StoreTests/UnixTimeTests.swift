import Testing

@testable import Store

struct UnixTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-05-05T11:45:07Z", 1_777_981_507_000),
        ("2026-05-05T11:45:07.5Z", 1_777_981_507_500), ("2026-05-05T11:45:07.123999999Z", 1_777_981_507_123),
        ("2026-05-05T13:45:07+02:00", 1_777_981_507_000), ("2026-05-05T06:15:07-05:30", 1_777_981_507_000),
        ("2026-05-05t11:45:07z", 1_777_981_507_000), ("1969-12-31T23:59:59.999Z", -1),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000),
    ])
    func `reads RFC 3339`(_ text: String, _ milliseconds: Int64) {
        #expect(UnixTime(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-05-05", "2026-05-05T11:45", "2026-05-05T11:45:07", "2026-05-05T11:45:07.Z",
        "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-05-00T00:00:00Z", "2026-05-05T24:00:00Z", "2026-05-05T11:60:00Z", "2026-05-05T11:45:61Z",
        "2026-05-05T11:45:07+2:00", "2026-05-05T11:45:07+02:60", "2026-05-05T11:45:07+24:00",
        "2026-05-05T11:45:07Zx", "26-05-05T11:45:07Z", "2026-05-05T11:45:07+0200", "+026-05-05T11:45:07Z",
    ])
    func `refuses what is not RFC 3339`(_ text: String) { #expect(UnixTime(rfc3339: text) == nil) }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_777_981_507_000, "2026-05-05T11:45:07Z"),
        (1_777_981_507_050, "2026-05-05T11:45:07.050Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00Z"), (.min, "0000-01-01T00:00:00Z"),
        (.max, "9999-12-31T23:59:59.999Z"),
    ])
    func `writes RFC 3339 in UTC`(_ milliseconds: Int64, _ text: String) {
        #expect(UnixTime(milliseconds: milliseconds).description == text)
    }

    @Test func `arithmetic stays within bounds`() {
        let forever = Duration.seconds(Int64.max)
        #expect((UnixTime.t0 + forever).milliseconds == .max)
        #expect((UnixTime(milliseconds: -2) - forever).milliseconds == .min)
        #expect(UnixTime.t0 + .milliseconds(1500) - UnixTime.t0 == .milliseconds(1500))
        #expect(Duration.microseconds(-1999).milliseconds == -1)
    }
}
