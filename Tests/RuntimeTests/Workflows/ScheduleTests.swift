import JSON
import Logging
import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct ScheduleTests {
    private let secrets = ["api-token": token]
    private let yaml =
        adminToken + """
            ---
            kind: Workflow
            metadata: {name: report}
            spec:
              triggers:
                - schedule: {cron: "0 7 * * 1-5", timeZone: Europe/Berlin}
                  if: event.data.scheduledAt != '2026-01-06T06:00:00Z'
              steps:
                - {id: note, set: {at: "${event.data.scheduledAt}", type: "${event.type}"}}

            """

    private func runner(_ runtime: RuntimeHarness, _ clock: any WallClock) -> ScheduleRunner {
        ScheduleRunner(
            store: runtime.store, ingest: runtime.runtime.ingest, live: runtime.runtime.configuration,
            heartbeats: runtime.runtime.heartbeats, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Stands still, and lets no loop go on before its end.
    private struct SingleLookClock: WallClock {
        let time: UnixTime

        func now() -> UnixTime { time }
        func sleep(for duration: Duration) async throws {
            try await ContinuousClock().sleep(for: .seconds(3600))
        }
    }

    @Test func `a time starts one run, an old one none, and a clock that goes back brings none again`()
        async throws
    {
        // The runtime's own loop sees no time pass.
        var setup = RuntimeHarness.Setup()
        let clock = SettableClock("2026-01-05T05:30:00Z")
        setup.clock = clock
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
            let runner = runner(runtime, clock)
            func round(_ time: String) async throws -> Int {
                try await runner.runOnce(now: UnixTime(rfc3339: "2026-01-\(time)Z")!)
            }
            #expect(try await round("05T05:30:00") == 0, "a new schedule counts from now")
            #expect(try await round("05T05:59:59") == 0)
            #expect(try await round("05T06:00:00.500") == 1)
            #expect(try await round("05T06:00:01") == 0)
            #expect(try await round("05T05:59:00") == 0)
            #expect(try await round("05T06:10:00") == 0)
            #expect(try await round("06T06:00:00") == 0, "its `if` is false")
            #expect(try await round("07T06:59:00") == 1, "after a stop, within the hour")
            #expect(try await round("08T07:01:00") == 0, "too late")
            #expect(try await round("12T06:00:01") == 1, "over the weekend")
            let runs = try await runtime.store.runs(RunFilter(), before: nil, limit: 10).items
            #expect(runs.map(\.eventType) == ["schedule", "schedule", "schedule"])
            let run = try await runtime.run(until: "succeeded")
            #expect(run.step("note")?["outputs"]?["at"] == "2026-01-12T06:00:00Z")
            #expect(run.step("note")?["outputs"]?["type"] == "schedule")
            #expect(run["trigger"]?["source"] == "schedule:report")
        }
    }

    @Test func `a clock that was days ahead does not stop a schedule until it is there again`() async throws {
        // The runtime's own loop looks once, at the beginning: another time would be another jump.
        let clock = SingleLookClock(time: UnixTime(rfc3339: "2026-01-05T05:30:00Z")!)
        var setup = RuntimeHarness.Setup()
        setup.clock = clock
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
            while try await runtime.store.scheduleMarks().isEmpty { try Task.checkCancellation() }
            let runner = runner(runtime, clock)
            func round(_ time: String) async throws -> Int {
                try await runner.runOnce(now: UnixTime(rfc3339: "2026-01-\(time)Z")!)
            }
            #expect(try await round("05T06:00:00") == 1)
            // Ahead by two weeks, between two times, and after one of them.
            for (ahead, count) in [("19T12:00:00", 0), ("20T06:30:00", 1)] {
                #expect(try await round(ahead) == count)
                #expect(try await round("05T06:30:00") == 0, "no time comes twice")
            }
            #expect(try await round("07T06:00:00") == 1)
            #expect(try await round("08T06:00:00") == 1)
        }
    }

    @Test func `of triggers with the same times the first counts whose condition holds`() async throws {
        var setup = RuntimeHarness.Setup()
        let clock = SettableClock("2026-01-05T05:30:00Z")
        setup.clock = clock
        let yaml =
            adminToken + """
                ---
                kind: Workflow
                metadata: {name: report}
                spec:
                  triggers:
                    - {schedule: {cron: "0 7 * * *"}, if: event.data.scheduledAt < '2026-01-06'}
                    - {schedule: {cron: "0 7 * * *"}, if: event.data.scheduledAt > '2026-01-06'}
                    - {schedule: {cron: "0 7 * * *"}}
                  steps: [{id: note, set: {at: "${event.data.scheduledAt}"}}]

                """
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
            let runner = runner(runtime, clock)
            func round(_ time: String) async throws -> Int {
                try await runner.runOnce(now: UnixTime(rfc3339: "2026-01-\(time)Z")!)
            }
            #expect(try await round("05T05:30:00") == 0)
            #expect(try await round("05T07:00:00") == 1)
            #expect(try await round("05T07:00:01") == 0)
            #expect(try await round("06T07:00:00") == 1)
            #expect(try await runtime.store.runs(RunFilter(), before: nil, limit: 10).items.count == 2)
        }
    }

    @Test func `the runtime's own loop starts it when the time has come`() async throws {
        var setup = RuntimeHarness.Setup()
        let clock = SettableClock("2026-01-05T05:59:00Z")
        setup.clock = clock
        try await RuntimeHarness.run(yaml, secrets: secrets, setup: setup) { (runtime) async throws in
            while try await runtime.store.scheduleMarks().isEmpty { try Task.checkCancellation() }
            clock.pass(.seconds(61))
            let run = try await runtime.run(until: "succeeded")
            #expect(run.step("note")?["outputs"]?["at"] == "2026-01-05T06:00:00Z")
        }
    }
}
