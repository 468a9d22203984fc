import Logging
import ServiceLifecycle
import Store
import Synchronization
import Testing

@testable import Reconciler

struct SyncLoopTests {
    /// Rounds that a test counts and whose outcome it chooses.
    private final class Rounds: Sendable {
        private let state = Mutex((count: 0, fails: false))
        private let stream: AsyncStream<Int>
        private let input: AsyncStream<Int>.Continuation

        init() { (stream, input) = AsyncStream.makeStream() }

        var count: Int { state.withLock(\.count) }
        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

        func run() -> SyncOutcome {
            let (count, fails) = state.withLock { state in
                state.count += 1
                return (state.count, state.fails)
            }
            input.yield(count)
            return fails ? .failed(SyncFailure(.fetch, "no route")) : .upToDate(.sample)
        }

        /// Returns once so many rounds were run.
        func reach(_ count: Int) async {
            for await number in stream where number >= count { return }
        }
    }

    private struct Middle: RandomNumberGenerator {
        mutating func next() -> UInt64 { 1 << 63 }
    }

    private func loop(_ clock: ManualClock, _ rounds: Rounds) throws -> SyncLoop {
        SyncLoop(
            try SyncSchedule(interval: .seconds(30)), clock: clock, random: { Middle() },
            sync: { rounds.run() })
    }

    @Test func `rounds follow each other at the interval`() async throws {
        let (clock, rounds) = (ManualClock(), Rounds())
        let loop = try loop(clock, rounds)
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            for round in 1...3 {
                await clock.hasSlept(round)
                #expect(rounds.count == round)
                clock.advance(by: .seconds(34))
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(clock.durations.allSatisfy { .seconds(27)...(.seconds(33)) ~= $0 })
    }

    @Test func `a broken commit does not make the loop wait longer for the one that mends it`() {
        #expect(!SyncOutcome.failed(SyncFailure(.invalid, "an error")).backsOff)
        #expect(SyncOutcome.failed(SyncFailure(.fetch, "no route")).backsOff)
        #expect(!SyncOutcome.upToDate(.sample).backsOff)
    }

    @Test func `a trigger starts a round at once, and many are one`() async throws {
        let (clock, rounds) = (ManualClock(), Rounds())
        let loop = try loop(clock, rounds)
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            await clock.hasSlept(1)
            loop.triggerNow()
            await clock.hasSlept(2)
            #expect(rounds.count == 2)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `a storm of triggers is one round a second, and the last one counts`() async throws {
        let (clock, rounds) = (ManualClock(), Rounds())
        let loop = try loop(clock, rounds)
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            await clock.hasSlept(1)
            loop.triggerNow()
            await clock.hasSlept(2)
            #expect(rounds.count == 2, "the first one at once")
            loop.triggerNow()
            await clock.hasSlept(3)
            for _ in 0..<100 { loop.triggerNow() }
            #expect(rounds.count == 2)
            #expect(clock.durations.last == .seconds(1))
            clock.advance(by: .seconds(1))
            await rounds.reach(3)
            await clock.hasSlept(4)
            #expect(rounds.count == 3, "whoever asked during the gap got that round")
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `triggers during a round make one more`() async throws {
        let clock = ManualClock()
        let box = Mutex<SyncLoop?>(nil)
        let rounds = Rounds()
        let loop = SyncLoop(
            try SyncSchedule(interval: .seconds(30)), clock: clock, random: { Middle() },
            sync: {
                if rounds.count == 0 {
                    for _ in 0..<100 { box.withLock { $0 }?.triggerNow() }
                }
                return rounds.run()
            })
        box.withLock { $0 = loop }
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            await rounds.reach(2)
            await clock.hasSlept(2)
            #expect(rounds.count == 2)
            group.cancelAll()
            try await group.waitForAll()
        }
        box.withLock { $0 = nil }
    }

    @Test func `failures wait longer and longer, a success ends that`() async throws {
        let (clock, rounds) = (ManualClock(), Rounds())
        let loop = try loop(clock, rounds)
        rounds.fail(true)
        try await withThrowingTaskGroup { group in
            group.addTask { try await loop.run() }
            for round in 1...8 {
                await clock.hasSlept(round)
                if round == 7 { rounds.fail(false) }
                clock.advance(by: .seconds(1000))
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        let seconds = clock.durations.prefix(8).map { Int($0.components.seconds) }
        #expect(seconds[0] / 54 == 1 && seconds[1] > seconds[0] && seconds[2] > seconds[1])
        #expect(seconds[6] <= 990)
        #expect(seconds[7] <= 33)
    }

    @Test func `a graceful shutdown ends the loop`() async throws {
        let (clock, rounds) = (ManualClock(), Rounds())
        let loop = try loop(clock, rounds)
        try await testGracefulShutdownOf(loop) { await clock.hasSlept(1) }
        #expect(rounds.count == 1)
    }

    private func testGracefulShutdownOf(_ loop: SyncLoop, after ready: @Sendable @escaping () async -> Void)
        async throws
    {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: loop)], logger: Logger(label: "test") { _ in Silent() }))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            await ready()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test(arguments: [
        (0, 30, 27.0, 33.0), (1, 30, 54, 66), (4, 30, 432, 528), (5, 30, 810, 990), (60, 30, 810, 990),
        (0, 3600, 3240, 3960), (9, 3600, 3240, 3960),
    ])
    func `the delay doubles with each failure up to a quarter of an hour`(
        _ failures: Int, _ interval: Int, _ low: Double, _ high: Double
    ) throws {
        var random = SystemRandomNumberGenerator()
        let schedule = try SyncSchedule(interval: .seconds(interval))
        for _ in 0..<100 {
            let delay = schedule.delay(afterFailures: failures, using: &random)
            #expect(.seconds(low)...(.seconds(high)) ~= delay)
        }
    }

    @Test func `what is suspended, resumed or over is noticed within a second`() async throws {
        let clock = ManualClock()
        let suspensions = Mutex<[Suspension]>([])
        let rounds = Rounds()
        let watcher = SuspensionWatcher(
            clock: clock,
            suspensions: { now in suspensions.withLock { $0 }.filter { $0.isActive(at: now) } },
            onChange: { _ = rounds.run() })
        try await withThrowingTaskGroup { group in
            group.addTask { try await watcher.run() }
            var looks = 1
            func look() async {
                await clock.hasSlept(looks)
                clock.advance(by: .seconds(1))
                looks += 1
                await clock.hasSlept(looks)
            }
            await look()
            #expect(rounds.count == 0)
            suspensions.withLock {
                $0 = [
                    Suspension(
                        .all, reason: "", createdBy: "mia", since: .t0, until: .t0 + .seconds(3))
                ]
            }
            await look()
            #expect(rounds.count == 1, "suspended")
            await look()
            #expect(rounds.count == 2, "the time is over")
            await look()
            #expect(rounds.count == 2)
            #expect(clock.durations.allSatisfy { $0 == .seconds(1) })
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `an interval that would hammer the remote is refused`() {
        #expect(throws: SyncSchedule.Invalid.self) { try SyncSchedule(interval: .milliseconds(999)) }
    }
}
