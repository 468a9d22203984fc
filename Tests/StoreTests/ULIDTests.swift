import Testing

@testable import Store

struct ULIDTests {
    @Test func `identifiers grow within a millisecond and when the clock is set back`() {
        var random = SystemRandomNumberGenerator()
        var generator = ULIDGenerator()
        var last = ""
        for index in 0..<10_000 {
            let now = UnixTime(milliseconds: UnixTime.t0.milliseconds - Int64(index / 100) * 3_600_000)
            let next = generator.next(at: now, using: &random)
            #expect(next.description > last)
            #expect(next.time == UInt64(UnixTime.t0.milliseconds))
            last = next.description
        }
    }

    @Test func `a later process goes on above the last identifier`() async throws {
        let state = try TemporaryState()
        let first = try await state.open { try await $0.accept(.sample()).deliveries[0].id }
        let second = try await state.open {
            try await $0.accept(.sample(), now: .t0 - .seconds(86400)).deliveries[0].id
        }
        #expect(first.text < second.text)
        #expect(first.text.prefix(10) == second.text.prefix(10))
    }

    @Test func `an id that a producer chose moves no other into the future`() async throws {
        let state = try TemporaryState()
        _ = try await state.open { try await $0.accept(.sample(id: "evt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")) }
        let id = try await state.open { try await $0.accept(.sample()).deliveries[0].id }
        #expect(ULID(id.text)?.time == UInt64(UnixTime.t0.milliseconds))
    }

    @Test func `the text reads back`() throws {
        let text = "01HYZ8M3PA0123456789ABCDEF"
        #expect(try #require(ULID(text)).description == text)
        #expect(ULID("7ZZZZZZZZZZZZZZZZZZZZZZZZZ") != nil)
        #expect(ULID(time: 1, high: 2, low: 3).description == "00000000010010000000000003")
    }

    @Test(arguments: [
        "", "01HYZ8M3PA0123456789ABCDE", "81HYZ8M3PA0123456789ABCDEF", "01HYZ8M3PA0123456789ABCDEU",
        "01hyz8m3pa0123456789abcdef",
    ])
    func `other texts are no identifiers`(_ text: String) { #expect(ULID(text) == nil) }

    @Test func `a full random part carries into the time`() {
        var random = Ones()
        var generator = ULIDGenerator(floor: ULID(time: 5, high: .max, low: .max - 1))
        let next = generator.next(at: UnixTime(milliseconds: 5), using: &random)
        #expect(next > ULID(time: 5, high: .max, low: .max))
        #expect(next.time == 6)
    }
}

private struct Ones: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}
