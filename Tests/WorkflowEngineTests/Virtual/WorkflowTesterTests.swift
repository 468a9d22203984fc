import JSON
import Resources
import Testing

@testable import WorkflowEngine

@Suite struct WorkflowTesterTests {
    private static let workflow = """
        apiVersion: sync.zentra.dev/v1
        kind: SecretReference
        metadata: {name: pd}
        spec: {from: {env: PD}}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: InboundEndpoint
        metadata: {name: pagerduty}
        spec:
          type: generic
          verify: {sharedSecret: {header: X-Webhook-Secret, secretRef: pd}}
          correlation: {key: event.data.incident_key}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: Workflow
        metadata: {name: page}
        spec:
          triggers: [{event: ticket.created, if: event.data.priority == 'critical'}]
          steps:
            - id: page
              http:
                url: https://events.example.com/enqueue
                body: {key: "${secrets['pd']}"}
              outputs: {key: "${response.body.key}"}
            - id: ack
              waitFor:
                inbound: pagerduty
                key: steps.page.outputs.key
                match: message.data.type == 'acknowledged'
                timeout: 15m
                onTimeout: continue
            - id: outcome
              switch:
                cases:
                  - if: steps.ack.outputs.timedOut
                    steps:
                      - id: escalate
                        update: {record: ticket, id: "${event.data.id}", set: {category: Escalated}}
                default:
                  - id: assign
                    update: {record: ticket, id: "${event.data.id}", set: {status: in_progress}}
        ---
        apiVersion: sync.zentra.dev/v1
        kind: WorkflowTest
        metadata: {name: page}
        spec:
          workflow: page
          cases:
            - name: a case
              event: {event: ticket.created, data: {id: tkt_1, key: INC-1, type: incident, subject: db down, status: open, priority: critical}}
              crash: everywhere

        """

    private func run(_ lines: String) throws -> WorkflowTestReport {
        let indented = lines.split(separator: "\n").map { "      " + $0 + "\n" }.joined()
        var loader = Loader()
        let loaded = loader.load([
            ConfigurationFile(
                path: "w.yaml", contentID: "1", bytes: Array((Self.workflow + indented).utf8))
        ])
        try #require(loaded.isValid, "\(loaded.errors.map(\.message))")
        let state = try loaded.desiredState()
        let tester = WorkflowTester(state.resources)
        var report = WorkflowTestReport()
        for test in state.tests { report.cases += tester.run(test) }
        return report
    }

    private func failures(_ lines: String) throws -> [String] {
        try run(lines).cases.flatMap(\.failures).map { "\($0.place): \($0.expected) | \($0.actual)" }
    }

    private static let answer = "mocks: {page: {status: 202, body: {key: k1}, delay: 5s}}\n"
    private static let early =
        "inbound: [{at: 2s, endpoint: pagerduty, data: {type: acknowledged, incident_key: k1}}]\n"

    @Test func `a message that comes before the wait counts, also when the engine is killed anywhere`() throws
    {
        #expect(
            try failures(
                Self.answer + Self.early
                    + "expect: {status: succeeded, steps: {ack: succeeded, escalate: skipped, assign: succeeded}, "
                    + "records: {ticket/tkt_1: {status: in_progress}}, "
                    + "events: [ticket.updated, ticket.status_changed]}") == [])
    }

    @Test func `without a message the wait times out, in virtual time`() throws {
        #expect(
            try failures(
                Self.answer
                    + "expect: {status: succeeded, steps: {escalate: succeeded, assign: skipped}, "
                    + "outputs: {ack: {timedOut: true}}, records: {ticket/tkt_1: {category: Escalated}}}")
                == [])
    }

    @Test func `a message with another key, or one that does not match, is for nobody`() throws {
        let strangers =
            "inbound: [{endpoint: pagerduty, data: {type: acknowledged, incident_key: k2}}, "
            + "{endpoint: pagerduty, data: {type: noted, incident_key: k1}}]\n"
        #expect(try failures(Self.answer + strangers + "expect: {steps: {escalate: succeeded}}") == [])
    }

    @Test func `answers come one after the other, and the last one stays`() throws {
        #expect(
            try failures(
                "mocks: {page: [{error: timeout}, {status: 503}, {status: 200, body: {key: k1}}]}\n"
                    + "expect: {status: succeeded}") == [])
        #expect(
            try failures("mocks: {page: {status: 503}}\nexpect: {status: failed, steps: {page: failed}}")
                == [])
    }

    @Test func `every expectation that does not hold is told with what is there instead`() throws {
        #expect(
            try failures(
                Self.answer + Self.early
                    + "expect: {status: failed, steps: {ack: failed}, outputs: {page: {key: k2}}, "
                    + "records: {ticket/tkt_1: {status: closed}, ticket/tkt_2: {status: open}}, events: []}")
                == [
                    "status: failed | succeeded", "steps.ack: failed | succeeded",
                    #"outputs.page.key: "k2" | "k1""#,
                    #"records.ticket/tkt_1.status: "closed" | "in_progress""#,
                    #"records.ticket/tkt_2: {"status":"open"} | no record"#,
                    #"events: [] | ["ticket.updated","ticket.status_changed"]"#,
                ])
    }

    @Test func `what a request sent can be expected, its secrets by their names`() throws {
        func failures(_ request: String, _ step: String = "page") throws -> [String] {
            try self.failures(Self.answer + Self.early + "expect: {requests: {\(step): \(request)}}")
        }
        #expect(
            try failures(
                "{method: POST, url: \"https://events.example.com/enqueue\", "
                    + "headers: {content-type: application/json}, body: {key: \"secret:pd\"}}") == [])
        #expect(
            try failures("{method: PUT, headers: {X-A: b}, body: {key: k, more: 1}}") == [
                #"requests.page.body.key: "k" | "secret:pd""#, "requests.page.body.more: 1 | nothing",
                #"requests.page.headers.x-a: "b" | nothing"#, #"requests.page.method: "PUT" | "POST""#,
            ])
    }

    @Test func `a request without an answer is told`() throws {
        #expect(
            try failures("expect: {status: failed}") == [
                "mocks.page: no request | a request that no mock answers"
            ])
    }

    @Test func `a report can be read by people, by programs and by continuous integration`() throws {
        let report = try run(Self.answer + "expect: {status: failed}")
        #expect(report.text(.human).hasPrefix("FAIL  page: a case\n        status\n          - failed\n"))
        #expect(report.text(.human).hasSuffix("1 case, 1 failed\n"))
        #expect(!report.text(.human).contains(" \n"))
        #expect(
            report.text(.junit).contains(
                #"<testsuite name="page" tests="1" failures="1">"# + "\n"
                    + #"    <testcase classname="page" name="a case">"#))
        let json = try JSONValue(parsing: report.text(.json))
        #expect(json["summary"] == ["cases": 1, "failed": 1])
        #expect(json["cases"]?.array?.first?["failures"]?.array?.first?["actual"] == "succeeded")
    }
}
