internal import Expressions
internal import JSON
package import Resources
internal import Synchronization

/// Runs the `WorkflowTest`s of a configuration: virtual time, no network.
package struct WorkflowTester: Sendable {
    private let workflows: [String: WorkflowDefinition]
    private let problems: [String: DefinitionError]
    /// What gives the messages of an endpoint their key.
    private let keys: [String: CompiledExpression]

    package init(_ resources: [Resource]) {
        var workflows: [String: WorkflowDefinition] = [:]
        var problems: [String: DefinitionError] = [:]
        var keys: [String: CompiledExpression] = [:]
        for resource in resources {
            switch resource.spec {
            case .workflow:
                do throws(DefinitionError) {
                    workflows[resource.id.name] = try WorkflowDefinition(resource)
                } catch {
                    problems[resource.id.name] = error
                }
            case .inboundEndpoint(let endpoint):
                var compiler = DefinitionCompiler()
                keys[resource.id.name] = compiler.expression(endpoint.correlation?.key, "correlation.key")
            default: break
            }
        }
        self.workflows = workflows
        self.problems = problems
        self.keys = keys
    }

    /// The cases of a test, in their order.
    package func run(_ test: Resource) -> [WorkflowTestReport.Case] {
        guard case .workflowTest(let spec) = test.spec else { return [] }
        return spec.cases.map { one in
            guard let definition = workflows[spec.workflow] else {
                let reason = problems[spec.workflow]?.description ?? "there is no such workflow"
                return result(
                    test, spec, one, [.init(place: "workflow", expected: spec.workflow, actual: reason)], [])
            }
            let (failures, history) = run(one, definition)
            return result(test, spec, one, failures, history)
        }
    }

    private func result(
        _ test: Resource, _ spec: WorkflowTestSpec, _ one: WorkflowTestSpec.Case,
        _ failures: [WorkflowTestReport.Failure], _ history: [String]
    ) -> WorkflowTestReport.Case {
        WorkflowTestReport.Case(
            test: test.id.name, workflow: spec.workflow, name: one.name, failures: failures,
            history: failures.isEmpty ? [] : history)
    }

    /// Once, and with `crash: everywhere` again for every commit, and once more with a crash after each of them.
    private func run(
        _ one: WorkflowTestSpec.Case, _ definition: WorkflowDefinition
    ) -> (failures: [WorkflowTestReport.Failure], history: [String]) {
        let whole = TestCase(one, definition, Array(workflows.values), keys).play { _ in false }
        guard whole.failures.isEmpty, one.crashesEverywhere else { return (whole.failures, whole.history) }
        for commit in 1...max(whole.commits, 1) {
            let again = TestCase(one, definition, Array(workflows.values), keys).play { $0 == commit }
            guard again.failures.isEmpty else {
                return (again.failures.crashed("commit \(commit)"), again.history)
            }
        }
        let each = TestCase(one, definition, Array(workflows.values), keys).play { _ in true }
        return (each.failures.crashed("every commit"), each.history)
    }
}

extension [WorkflowTestReport.Failure] {
    fileprivate func crashed(_ crash: String) -> Self {
        map { failure in
            var failure = failure
            failure.crash = crash
            return failure
        }
    }
}

/// One case, played once.
private struct TestCase: Sendable {
    struct Result {
        let failures: [WorkflowTestReport.Failure]
        let history: [String]
        let commits: Int
    }

    let one: WorkflowTestSpec.Case
    let definition: WorkflowDefinition
    let workflows: [WorkflowDefinition]
    let keys: [String: CompiledExpression]

    /// Where virtual time begins.
    private static let start = Moment(milliseconds: 1_767_225_600_000)
    /// Things that may happen in a case, so that one that never ends does.
    private static let limit = 100_000
    private static let run = RunID("run_test")

    init(
        _ one: WorkflowTestSpec.Case, _ definition: WorkflowDefinition, _ workflows: [WorkflowDefinition],
        _ keys: [String: CompiledExpression]
    ) {
        self.one = one
        self.definition = definition
        self.workflows = workflows
        self.keys = keys
    }

    func play(diesAfter: @escaping @Sendable (Int) -> Bool) -> Result {
        let unanswered = Unanswered()
        let mocks = one.mocks
        var shell = VirtualShell(
            workflows: workflows, now: Self.start,
            answer: { _, step, attempt, _ in
                guard let answers = mocks[step.step] else {
                    unanswered.add(step.step)
                    return (.failed(.network, message: "no mock", mayHaveArrived: false), .zero)
                }
                return answers[min(attempt, answers.count) - 1].outcome
            }, diesAfter: diesAfter)
        for (key, fields) in one.records { put(key, fields, into: &shell) }
        let event = self.event
        putRecord(of: event, into: &shell)
        let run = begin(event, &shell)
        if run != nil { play(&shell, from: event) }
        var failures = unanswered.steps.map {
            WorkflowTestReport.Failure(
                place: "mocks.\($0)", expected: "no request", actual: "a request that no mock answers")
        }
        failures += Expectation(one.expect, shell, run).failures
        return Result(failures: failures, history: history(shell), commits: shell.commits)
    }

    /// Lets time pass until nothing is left that could happen.
    private func play(_ shell: inout VirtualShell, from event: TriggerEvent) {
        var arrivals = one.inbound.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }[...]
        for _ in 0..<Self.limit {
            let arrival = arrivals.first.map { Self.start + $0.element.at }
            guard let next = [arrival, shell.nextDue].compactMap({ $0 }).min() else { return }
            shell.now = max(shell.now, next)
            if let arrival, arrival <= shell.now, let (number, message) = arrivals.popFirst() {
                receive(message, number, &shell)
            } else {
                shell.work()
            }
        }
    }

    // MARK: What happens

    private var event: TriggerEvent {
        guard let given = one.event else {
            return TriggerEvent(
                id: "evt_test", type: "manual", ts: Self.start.description, data: one.inputs ?? [:])
        }
        var event = TriggerEvent(
            id: "evt_test", type: given["event"]?.string ?? "", ts: Self.start.description,
            data: given["data"] ?? [:])
        event.changed = given["changed"]?.array?.compactMap(\.string) ?? []
        event.previous = given["previous"]?.object ?? [:]
        event.headers = (given["headers"]?.object ?? [:]).lowercased
        return event
    }

    /// nil when no trigger wants the event.
    private func begin(_ event: TriggerEvent, _ shell: inout VirtualShell) -> RunID? {
        var event = event
        let candidate: StartCandidate
        if event.type == "manual" {
            (candidate, event) = definition.manualCandidate(for: event)
        } else if event.type == "schedule" {
            let schedule = definition.spec.triggers.firstIndex {
                if case .schedule = $0.source { true } else { false }
            }
            guard let schedule, let due = definition.candidate(for: event, schedule: schedule) else {
                return nil
            }
            candidate = due
        } else {
            guard let wanted = definition.candidate(for: event) else { return nil }
            candidate = wanted
        }
        guard
            case .start(let disposition, _, _) = StartDecision(
                definition, candidate, event, StartFacts(), now: shell.now)
        else { return nil }
        let chain = StartDecision.chain(of: Self.run, workflow: definition.name, event: event)
        shell.start(
            RunStart(run: Self.run, event: event, chain: chain, disposition: disposition), of: definition)
        return Self.run
    }

    private func receive(_ message: WorkflowTestSpec.Message, _ number: Int, _ shell: inout VirtualShell) {
        let wait = WaitMessage(
            id: "msg_\(number)", data: message.data, headers: message.headers.lowercased,
            receivedAt: shell.now)
        switch message.target {
        case .endpoint(let endpoint):
            guard let key = key(of: message, endpoint) else { return }
            shell.receive(VirtualMessage(target: .endpoint(endpoint, key: key), message: wait))
        case .callback(let step):
            shell.receive(VirtualMessage(target: .callback(Self.run, StepAddress(step)), message: wait))
        case .event(let type):
            let record = message.data["id"]?.string ?? ""
            shell.receive(VirtualMessage(target: .event(type: type, record: record), message: wait))
        }
    }

    /// A message whose key has no value is accepted, and found by no wait.
    private func key(of message: WorkflowTestSpec.Message, _ endpoint: String) -> String? {
        guard let expression = keys[endpoint] else { return nil }
        var event = TriggerEvent(
            id: "evt_message", type: "inbound.\(endpoint)", ts: Self.start.description, data: message.data)
        event.headers = message.headers.lowercased
        do throws(StepError) {
            return try expression.key(Activation(["event": event.value]))
        } catch {
            return nil
        }
    }

    // MARK: Records

    private func put(_ key: String, _ fields: JSONValue, into shell: inout VirtualShell) {
        guard let name = TestRecordKey(key) else { return }
        var values = fields.object ?? [:]
        switch name.selector {
        case .id(let id): values["id"] = .string(id)
        case .field(let field, let value): values[field] = .string(value)
        }
        shell.records.put(name.type, values)
    }

    /// The record that the event is about is there, made from its data, unless the case gives it.
    private func putRecord(of event: TriggerEvent, into shell: inout VirtualShell) {
        guard let type = EventCatalog[event.type]?.record, let values = event.data.object,
            values["id"]?.string.flatMap({ shell.records.first(type, where: "id", is: $0) }) == nil
        else { return }
        shell.records.put(type, values)
    }

    // MARK: History

    private func history(_ shell: VirtualShell) -> [String] {
        guard let run = shell.runs[Self.run] else { return [] }
        var lines = run.state.orderedSteps.map { address, step in
            let began = step.startedAt.map { "+\(($0 - Self.start).configurationText)" } ?? "-"
            let detail =
                step.error.map { "\($0.type.rawValue): \($0.message)" }
                ?? (step.outputs.isEmpty ? nil : JSONValue.object(step.outputs).text)
            return Self.line([began, address.description, step.status.rawValue, detail])
        }
        lines.append(Self.line(["run", run.state.status.rawValue, run.state.error?.message]))
        return lines
    }

    private static func line(_ words: [String?]) -> String {
        words.compactMap(\.self).joined(separator: "  ")
    }
}

/// The steps whose requests no mock answers.
private final class Unanswered: Sendable {
    private let state = Mutex<[String]>([])

    var steps: [String] { state.withLock { $0 } }

    func add(_ step: String) {
        state.withLock { steps in
            if !steps.contains(step) { steps.append(step) }
        }
    }
}

extension WorkflowTestSpec.Mock {
    fileprivate var outcome: (HTTPOutcome, Duration) {
        if let error {
            let isTimeout = error == "timeout"
            return (
                .failed(isTimeout ? .timeout : .network, message: error, mayHaveArrived: isTimeout), delay
            )
        }
        let headers = self.headers.lowercased
        return (
            .answered(
                status: status ?? 200,
                headers: headers.map { ($0.key, $0.value.string ?? $0.value.text) },
                body: body.map { $0.string.map { Array($0.utf8) } ?? $0.utf8 } ?? [],
                retryAfter: headers["retry-after"].flatMap { Int($0.string ?? $0.text) }.map { .seconds($0) }),
            delay
        )
    }
}

extension JSONObject {
    /// With lower-case keys.
    fileprivate var lowercased: JSONObject { JSONObject(map { ($0.key.lowercased(), $0.value) }) }
}
