import Store
import Testing

@testable import Runtime

@Suite struct RunTableTests {
    private func time(_ seconds: Int64) -> UnixTime { UnixTime(milliseconds: seconds * 1000) }

    @Test func `only a timer that is earlier than the others has whoever keeps the time look again`() throws {
        var table = RunTable()
        func end(_ run: Int64, timer: UnixTime?) throws -> Bool {
            _ = table.found(CommitSequence(run))
            let turns = table.nextTurns()
            let turn = try #require(turns.first)
            return table.end(turn, RunTable.Result(timer: timer))
        }
        let told = try [
            end(1, timer: nil), end(2, timer: time(60)), end(3, timer: time(90)), end(4, timer: time(60)),
            end(5, timer: time(30)),
        ]
        #expect(told == [false, true, false, false, true])
        #expect(table.nextTimer == time(30))
        #expect(table.loaded == 0)
    }

    @Test func `a run that fails counts until a turn of it goes well`() throws {
        var table = RunTable()
        table.wake(CommitSequence(1))
        let turns = table.nextTurns()
        let pause = table.fail(turns[0], now: time(0))
        #expect(pause == .seconds(1))
        #expect(table.failing == 1)
        table.wake(CommitSequence(1))
        let early = table.nextTurns()
        #expect(early.isEmpty, "not before its time")
        table.wakeDelayed(now: time(1))
        let again = table.nextTurns()
        #expect(again.count == 1)
        #expect(table.failing == 1)
        _ = table.end(again[0], .ended)
        #expect(table.failing == 0)
    }
}
