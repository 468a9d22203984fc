import JSON
import Resources
import Store
import Testing
import WorkflowEngine

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

    @Test func `a timer that is set while the state is asked for timers is not forgotten`() throws {
        var table = RunTable()
        let first = table.beginTimers(now: time(0))
        #expect(first)
        table.adopt(try prepared(1), sending: [], timer: time(5))
        table.setTimers(next: time(60), now: time(0))
        #expect(table.nextTimer == time(5))
        // The next answer knows of it.
        let again = table.beginTimers(now: time(5))
        #expect(again)
        table.setTimers(next: time(60), now: time(5))
        #expect(table.nextTimer == time(60))
        let early = table.beginTimers(now: time(5))
        #expect(!early)
        // A queued run was stored, before the answer came or after the question was put: it is asked again.
        let later = table.beginTimers(now: time(6))
        #expect(later)
        table.timersChanged()
        table.setTimers(next: time(60), now: time(6))
        let atOnce = table.beginTimers(now: time(6))
        #expect(atOnce)
    }

    @Test func `a revision ends older runs once, and after a start none that a person has repeated`() {
        var table = RunTable()
        table.configure([("page", "1", true), ("keep", "1", false)])
        let started = RunTable.Rollout(workflow: "page", digest: "1", sparesRepeats: true)
        #expect(table.rollouts == [started])
        table.rolledOut(started)
        // Another apply changes nothing about these.
        table.configure([("page", "1", true), ("keep", "1", false), ("other", "1", true)])
        let other = RunTable.Rollout(workflow: "other", digest: "1", sparesRepeats: false)
        #expect(table.rollouts == [other])
        table.configure([("page", "2", true), ("keep", "2", false), ("other", "1", true)])
        let changed = RunTable.Rollout(workflow: "page", digest: "2", sparesRepeats: false)
        #expect(table.rollouts == [other, changed])
        // What a later revision says counts, also before an earlier one was dealt with.
        table.configure([("page", "3", false), ("keep", "2", false), ("other", "1", true)])
        #expect(table.rollouts == [other])
        table.rolledOut(changed)
        #expect(table.rollouts == [other])
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

    // MARK: Runs that begin with their events

    private func prepared(_ sequence: Int64) throws -> LoadedRun {
        let yaml = """
            apiVersion: sync.zentra.dev/v1
            kind: Workflow
            metadata: {name: call}
            spec:
              triggers: [{event: ticket.created}]
              steps: [{id: call, http: {url: "https://erp.example.com"}}]
            """
        var loader = Loader()
        let file = ConfigurationFile(path: "test.yaml", contentID: "1", bytes: Array(yaml.utf8))
        let resource = try #require(try loader.load([file]).desiredState().resources.first)
        let event = TriggerEvent(id: "evt_1", type: "ticket.created", ts: "2026-01-01T00:00:00Z", data: [:])
        let run = LoadedRun(
            WorkflowRunID("run_\(sequence)"), try ActiveWorkflow(resource), createdAt: time(0), event,
            size: 2,
            Chain(root: "evt_1"))
        return run.stored(at: CommitSequence(sequence))
    }

    private let step = StepAddress("call")

    @Test
    func `requests of a run that begins with its event are nobody's before it is stored, and then its own`()
        throws
    {
        var table = RunTable()
        let run = try prepared(1)
        table.expect([run.id])
        // Somebody finds it in the state before the news of it is here.
        table.wake(run.sequence)
        let early = table.nextTurns()
        #expect(early.count == 1)
        #expect(table.requests(of: run) == .coming)
        _ = table.end(early[0], .stale)
        table.adopt(run, sending: [step], timer: nil)
        table.forget([run.id])
        #expect(table.requests(of: run) == .known)
        let turn = try #require(table.nextTurns().first)
        #expect(turn.sending == [step], "so that it is not sent again")
        _ = table.end(turn, RunTable.Result(loaded: run))
        table.heard(.http(step, attempt: 1, .answered(status: 200)), step, of: run.sequence)
        #expect(table.nextTurns().first?.heard.count == 1)
    }

    @Test func `a run that begins with its event has no turn until something comes of its requests`() throws {
        var table = RunTable()
        let run = try prepared(1)
        table.expect([run.id])
        table.adopt(run, sending: [step], timer: time(60))
        #expect(table.loaded == 1)
        #expect(table.nextTimer == time(60))
        #expect(table.nextTurns().isEmpty)
        table.heard(.http(step, attempt: 1, .answered(status: 200)), step, of: run.sequence)
        #expect(table.requests(of: run) == .known, "the outcome is here")
        let turn = try #require(table.nextTurns().first)
        #expect(turn.loaded != nil)
        #expect(!turn.isWoken)
    }

    @Test func `a run that was not stored is forgotten, and one that only waits is not kept`() throws {
        var table = RunTable()
        let (lost, waiting) = (try prepared(1), try prepared(2))
        table.expect([lost.id, waiting.id])
        table.forget([lost.id])
        #expect(table.requests(of: lost) == .unknown)
        table.adopt(waiting, sending: [], timer: time(60))
        #expect(table.loaded == 0)
        #expect(table.requests(of: waiting) == .unknown)
    }
}
