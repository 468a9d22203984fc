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

    @Test(arguments: [
        #"steps: [{id: a, emit: {type: custom.done, data: {x: "${lists.range(9).map(n, event.data.of)}"}}}]"#,
        #"""
        vars: {x: "${lists.range(9).map(n, event.data.of)}"}
        steps: [{id: a, set: {x: 1}}]
        """#,
    ])
    func `events and variables count to what a run keeps`(spec: String) throws {
        var run = try Fixture("triggers: [{event: custom.x}]\n" + spec)
        try run.start(["of": .string(String(repeating: "x", count: 1 << 20))])
        #expect(run.state.size <= RunBounds.state)
        #expect(run.state.error?.message == "the run keeps more than 8388608 bytes")
    }

    /// Steps that keep `event.data.of`, each one level, or two, within something else.
    @Test(
        arguments: [
            (#"{id: a, set: {x: "${event.data.of}"}}"#, 1),
            (#"{id: a, set: {x: 1}, outputs: {x: "${event.data.of}"}}"#, 1),
            (#"{id: a, set: {x: "${{'y': event.data.of}}"}}"#, 2),
            (#"{id: a, fail: {message: no}, catch: [{outputs: {x: ["${event.data.of}"]}}]}"#, 2),
            (#"{id: a, http: {method: PUT, url: "https://a.b", body: ["${event.data.of}"]}}"#, 1),
            (#"{id: a, forEach: {items: "[event.data.of]", steps: [{id: b, set: {x: 1}}]}}"#, 1),
            (#"{id: a, call: {workflow: v, with: {n: "${event.data.of}"}}}"#, 1),
            (#"{id: a, create: {record: ticket, set: {subject: x, custom: {x: "${event.data.of}"}}}}"#, 2),
            (#"{id: a, find: {record: asset, match: {name: "${event.data.of}"}}}"#, 1),
            (#"{id: a, emit: {type: custom.done, data: {x: "${event.data.of}"}}}"#, 1),
        ])
    func `what a step keeps is nested at most 192 levels deep`(step: String, levels: Int) throws {
        for (depth, isTooDeep) in [(192, false), (193, true)] {
            let of: JSONValue = (levels..<depth).reduce(1) { inner, _ in [inner] }
            var run = try Fixture("triggers: [{event: custom.x}]\nsteps: [\(step)]")
            run.results = [.nothing]
            try run.start(["of": of])
            let error = run.error("a")
            #expect((error?.type == .limit) == isTooDeep, "\(error as Any)")
            if isTooDeep {
                #expect(error?.message.hasSuffix("is nested more than 192 levels deep") == true)
                #expect(run.state.status == .failed)
            }
        }
    }

    @Test func `variables that are nested too deeply fail the run`() throws {
        var run = try Fixture(
            """
            triggers: [{event: custom.x}]
            vars: {x: "${event.data.of}"}
            steps: [{id: a, set: {x: 1}}]
            """)
        try run.start(["of": (0..<192).reduce(1) { inner, _ in [inner] }])
        #expect(run.state.error == StepError(.limit, "`vars` is nested more than 192 levels deep"))
    }

    @Test func `what steps take over from each other stays readable`() throws {
        let steps = (1...20).map { step in
            let earlier = step == 1 ? "1" : "${steps.s\(step - 1).outputs}"
            let value = (0..<60).reduce("\"\(earlier)\"") { inner, _ in "{a: \(inner)}" }
            return "  - {id: s\(step), set: \(value)}"
        }
        var run = try Fixture("triggers: [{event: custom.x}]\nsteps:\n" + steps.joined(separator: "\n"))
        try run.start()
        #expect(run.state.error?.step == StepAddress("s4"))
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
