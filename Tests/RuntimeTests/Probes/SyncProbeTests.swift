import Store
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(5))) struct SyncProbeTests {
    private let now = UnixTime(milliseconds: 1_700_000_000_000)

    private func problem(age: Duration?, _ result: SyncRecord.Result = .synced) -> String? {
        var record = SyncRecord()
        record.result = result
        record.seenCommit = "0123456789abcdef"
        record.reason = "mass-delete"
        record.message = "why"
        record.lastSuccess = age.map { now - $0 }
        return SyncProbe.problem(record, interval: .seconds(30), now: now)
    }

    @Test func `five intervals without a success are a problem`() {
        #expect(problem(age: .seconds(150)) == nil)
        #expect(problem(age: .seconds(150), .failed) == nil)
        #expect(
            problem(age: .seconds(151))?.contains("the last successful sync was at 2023-11-14T22:10:49Z")
                == true)
        #expect(problem(age: .seconds(151), .failed)?.hasSuffix(": why") == true)
        #expect(problem(age: nil, .never) == "no sync has succeeded yet")
    }

    @Test func `a held commit is a problem at once`() {
        #expect(problem(age: .zero, .held) == "the commit 0123456 is held (mass-delete): why")
    }

    @Test func `answers 503 until a sync has succeeded`() async throws {
        try await RuntimeHarness.run(nil) { runtime in
            let before = try await runtime.sendAdmin("GET", "/syncz")
            #expect(before.status == 503)
            try await runtime.store.recordUpToDate(
                source: "s", commit: "abc", subject: "S", noopKey: nil, now: .now())
            #expect(try await runtime.sendAdmin("GET", "/syncz").status == 200)
        }
    }
}
