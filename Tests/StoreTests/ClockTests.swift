import Testing

@testable import Store

struct ClockTests {
    @Test func `the state remembers the clock that it saw last`() async throws {
        try await TemporaryState().open { store in
            let created = try await store.advanceClock(to: .t0 + .seconds(60))
            let ahead = try await store.advanceClock(to: .t0)
            #expect([created, ahead] == [.t0, .t0 + .seconds(60)])
        }
    }

    /// Looks after a state at these seconds after its creation; returns the cutoff of an age of 100 seconds at the last one,
    /// in the same way.
    private func cutoff(_ looks: [Int]) async throws -> Duration {
        try await TemporaryState().open { store in
            var now = UnixTime.t0
            for seconds in looks {
                now = .t0 + .seconds(seconds)
                _ = try await store.advanceClock(to: now)
                try await store.pruneClockGaps(before: store.cutoff(age: .seconds(100), now: now))
            }
            return try await store.cutoff(age: .seconds(100), now: now) - .t0
        }
    }

    @Test(arguments: [
        ([0], -100), ([60, 120, 180], 80),
        // A minute and more.
        ([61], -100), ([50, 1050], -50), ([50, 1050, 1060], -40),
        // The gap is old: its end, and longer ago.
        ([50, 1050, 1100, 1150], 1050), ([50, 1050, 1100, 1150, 1200], 1100),
        // Two of them.
        ([40, 1040, 1080, 2080], -20), ([40, 1040, 1080, 2080, 2110], 10),
        // Back to where it was, half the way, and before it all.
        ([50, 1050, 60, 110, 160], 60), ([50, 1050, 550], -50), ([50, 1050, -50, 0], -100),
        // Forward for the second time.
        ([50, 1050, 50, 1050], -50),
    ])
    func `a time in which nobody looked after the state does not count as age`(_ looks: [Int], _ cutoff: Int)
        async throws
    {
        #expect(try await self.cutoff(looks) == .seconds(cutoff))
    }

    @Test(arguments: [
        ([60, 120], 120), ([1000], 1000),
        // Back, also beyond the beginning; once more; little by little, as NTP does.
        ([1000, 10], 1000), ([1000, -500], 1000), ([1000, 10, 60, 110], 1100), ([1000, 500, 100], 1000),
        ([50, 20, 40, 10], 10),
        // Forward again, and beyond; nothing runs for longer than that.
        ([1000, 10, 510], 1000), ([1000, 10, 1000], 1000), ([1000, 10, 2000], 2000),
    ])
    func `time as runs see it goes on when the clock is set back`(_ looks: [Int], _ seen: Int) async throws {
        let state = try TemporaryState()
        for seconds in looks {
            // Each in a process of its own.
            try await state.open { _ = try await $0.advanceClock(to: .t0 + .seconds(seconds)) }
        }
        let time = try await state.open { try await $0.seenRunTime() }
        #expect(time - .t0 == .seconds(seen))
    }

    @Test func `gaps outlive the process, and go when they are old`() async throws {
        let state = try TemporaryState()
        let back = UnixTime.t0 + .seconds(86_400)
        try await state.open { _ = try await $0.advanceClock(to: .t0 + .seconds(10)) }
        try await state.open { _ = try await $0.advanceClock(to: back) }
        try await state.open { store in
            #expect(
                try await store.cutoff(age: .seconds(30), now: back + .seconds(5)) == .t0 - .seconds(15))
            try await store.pruneClockGaps(before: back + .seconds(1))
            #expect(
                try await store.cutoff(age: .seconds(30), now: back + .seconds(5)) == back - .seconds(25))
        }
    }
}
