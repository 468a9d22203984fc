import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct StepTests {
    @Test func `steps run one after the other, and a later one sees the outputs of the earlier`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            vars: {source: "zentra-${event.data.key}"}
            steps:
              - id: a
                set: {n: "${event.data.n + 1}"}
              - id: b
                if: steps.a.outputs.n == 4
                set: {text: "${vars.source} ${steps.a.outputs.n}"}
              - id: c
                if: steps.a.outputs.n == 5
                set: {never: true}
            """)
        try run.start()
        #expect(run.state.status == .succeeded)
        #expect(run.outputs("b") == ["text": "zentra-INC-41 4"])
        #expect(run.status("c") == .skipped)
        #expect(run.state.outputs == ["text": "zentra-INC-41 4"])
    }

    @Test func `an expression without a result fails its step with the place`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: a
                set: {x: "${event.data.custom.nothing}"}
            """)
        try run.start()
        #expect(run.state.status == .failed)
        #expect(run.state.error?.type == .expression)
        #expect(run.state.error?.step == StepAddress("a"))
        #expect(run.state.error?.message.hasPrefix("`steps.a.set.x` failed at `event.data.custom") == true)
    }

    @Test func `a caught error is over; its handler sees it and gives the outputs`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: a
                fail: {message: "no ${event.data.key}"}
                catch:
                  - if: error.type == 'http'
                    outputs: {wrong: true}
                  - steps:
                      - id: inner
                        set: {seen: "${error.message}"}
                    outputs: {why: "${error.type}: ${steps.inner.outputs.seen}"}
              - id: b
                set: {why: "${steps.a.outputs.why}"}
            """)
        try run.start()
        #expect(run.state.status == .succeeded)
        #expect(run.outputs("b") == ["why": "fail: no INC-41"])
    }

    @Test
    func `continueOnError lets the run go on; onFailure and finally follow an error that nobody caught`()
        throws
    {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - {id: a, fail: {message: one}, continueOnError: true}
              - {id: b, fail: {message: two}}
              - {id: c, set: {x: 1}}
            onFailure:
              - {id: d, set: {why: "${error.step}: ${error.message}"}}
            finally:
              - {id: e, set: {x: 1}}
            """)
        try run.start()
        #expect(run.state.status == .failed)
        #expect(run.state.error?.message == "two")
        #expect(run.status("a") == .failed)
        #expect(run.status("c") == nil)
        #expect(run.outputs("d") == ["why": "b: two"])
        #expect(run.status("e") == .succeeded)
    }

    @Test func `a switch takes the first case that is true, or its default`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: s
                switch:
                  cases:
                    - if: event.data.n == 4
                      steps: [{id: a, set: {x: 1}}]
                    - if: event.data.n == 3
                      steps: [{id: b, set: {x: 2}}]
                  default: [{id: c, set: {x: 3}}]
            """)
        try run.start()
        #expect([run.status("a"), run.status("b"), run.status("c")] == [nil, .succeeded, nil])
        #expect(run.definition.status(of: "a", in: run.state) == .skipped)
        #expect(run.state.status == .succeeded)
    }

    @Test func `a failing branch ends the others`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: p
                parallel:
                  branches:
                    one: [{id: a, sleep: {for: 1h}}]
                    two: [{id: b, sleep: {for: 1m}}, {id: c, fail: {message: gone}}]
            """)
        try run.start()
        #expect(run.state.status == .waiting)
        try run.fireNext()
        #expect(run.status("a") == .cancelled)
        #expect(run.state.status == .failed)
        #expect(run.state.error?.step == StepAddress("c"))
        #expect(run.state.timers.isEmpty)
    }

    @Test func `without failFast the other branches finish first`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: p
                parallel:
                  failFast: false
                  branches:
                    one: [{id: a, sleep: {for: 1h}}]
                    two: [{id: c, fail: {message: gone}}]
            """)
        try run.start()
        #expect(run.state.status == .waiting)
        try run.fireNext()
        #expect(run.status("a") == .succeeded)
        #expect(run.state.status == .failed)
    }

    @Test func `a loop keeps to its concurrency and gives each iteration its element`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: many
                forEach:
                  items: "[10, 20, 30]"
                  as: each
                  concurrency: 2
                  steps:
                    - {id: nap, sleep: {for: 1s}}
                    - {id: twice, set: {n: "${each * 2}"}}
                outputs: {all: "${response.body.results.map(r, r.n)}"}
            """)
        try run.start()
        #expect(run.state.live.map(\.description) == ["many", "nap[0]", "nap[1]"])
        while run.state.status == .waiting { try run.fireNext() }
        #expect(run.outputs("many") == ["all": [20, 40, 60]])
        #expect(run.outputs("twice[2]") == ["n": 60])
    }

    @Test func `a run has at most 1,000 steps`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: outer
                forEach:
                  items: "[0,1,2,3,4,5,6,7,8,9]"
                  as: x
                  steps:
                    - id: inner
                      forEach:
                        items: "lists.range(200)"
                        as: y
                        steps: [{id: s, set: {v: "${y}"}}]
            finally: [{id: last, set: {x: 1}}]
            """)
        try run.start()
        #expect(run.state.status == .failed)
        #expect(run.state.error?.type == .limit)
        #expect(run.status("last") == .succeeded)
    }

    @Test func `outputs have a bound`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - {id: a, set: {x: "${lists.range(100000)}"}}
            """)
        try run.start()
        #expect(run.state.error?.type == .limit)
    }

    @Test func `a timeout of a step ends the steps inside of it`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps:
              - id: p
                timeout: 1m
                parallel:
                  branches:
                    one: [{id: a, sleep: {for: 1h}}]
            """)
        try run.start()
        try run.fireNext()
        #expect(run.status("a") == .cancelled)
        #expect(run.error("p")?.type == .timeout)
        #expect(run.state.status == .failed)
    }

    @Test func `a sleep that is longer than its timeout has as many attempts as its retry says`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps: [{id: a, sleep: {for: 1h}, timeout: 1m, retry: {maxAttempts: 2}}]
            """)
        try run.start()
        for _ in 0..<3 { try run.fireNext() }
        #expect(run.error("a")?.type == .timeout)
        #expect(run.state.status == .failed)
    }

    @Test func `a sleep until a moment does not end while the clock, which was set back, is before it`()
        throws
    {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps: [{id: a, sleep: {until: "event.ts + duration('1h')"}}]
            """)
        try run.start()
        run.pass(.seconds(3_600))
        let timer = RunInput.timer(.sleep(StepAddress("a")))
        func after(_ ahead: Duration) -> RunTransition {
            run.engine.advance(run.definition, run.state, timer, now: run.now, ahead: ahead)
        }
        #expect(after(.milliseconds(1)).isIgnored)
        #expect(after(.zero).state.status == .succeeded)
    }

    @Test func `a timer before its time wakes nothing`() throws {
        var run = try Fixture("triggers: [{event: custom.x}]\nsteps: [{id: a, sleep: {for: 1h}}]")
        try run.start()
        run.pass(.milliseconds(3_599_999))
        try run.apply(.timer(.sleep(StepAddress("a"))))
        #expect(run.status("a") == .waiting)
        run.pass(.milliseconds(1))
        try run.apply(.timer(.sleep(StepAddress("a"))))
        #expect(run.state.status == .succeeded)
    }

    @Test func `a run that takes too long fails, and cleans up`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            timeout: 1h
            steps: [{id: a, sleep: {for: 2h}}]
            onFailure: [{id: b, set: {why: "${error.type}"}}]
            """)
        try run.start()
        try run.fireNext()
        #expect(run.outputs("b") == ["why": "timeout"])
        #expect(run.state.status == .failed)
    }

    @Test func `a cancelled run still does what comes at the end, and a second time ends at once`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            steps: [{id: a, sleep: {for: 2h}}]
            finally: [{id: b, sleep: {for: 1m}}]
            """)
        try run.start()
        try run.apply(.cancel(reason: "by a person"))
        #expect(run.status("a") == .cancelled)
        #expect(run.state.status == .waiting)
        try run.apply(.cancel(reason: "by a person"))
        #expect(run.state.status == .cancelled)
        #expect(run.status("b") == .cancelled)
    }
}
