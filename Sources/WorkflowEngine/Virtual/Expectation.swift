internal import JSON
internal import Resources

/// Compares the end of a case with what it expects.
struct Expectation {
    let expect: JSONObject
    let shell: VirtualShell
    /// nil when no run was started.
    let run: RunID?
    private(set) var failures: [WorkflowTestReport.Failure] = []

    init(_ expect: JSONObject, _ shell: VirtualShell, _ run: RunID?) {
        self.expect = expect
        self.shell = shell
        self.run = run
        compare()
    }

    private var state: RunState? { run.flatMap { shell.runs[$0]?.state } }

    private mutating func compare() {
        if let status = expect["status"]?.string {
            check("status", status, state.map(\.status.rawValue) ?? "no run was started")
        } else if state == nil {
            check("status", "a run", "no run was started")
        }
        for (step, status) in expect["steps"]?.object ?? [:] { check(step: step, status.string ?? "") }
        for (step, outputs) in expect["outputs"]?.object ?? [:] {
            let known = state?.steps[StepAddress(step)]?.outputs ?? [:]
            check("outputs.\(step)", outputs, .object(known))
        }
        for (step, request) in expect["requests"]?.object ?? [:] { check(request: step, request) }
        for (key, fields) in expect["records"]?.object ?? [:] { check(record: key, fields) }
        if let events = expect["events"]?.array {
            let actual = JSONValue.array(shell.events.map { .string($0.type) })
            if .array(events) != actual { check("events", JSONValue.array(events).text, actual.text) }
        }
    }

    private mutating func check(_ place: String, _ expected: String, _ actual: String) {
        guard expected != actual else { return }
        failures.append(.init(place: place, expected: expected, actual: actual))
    }

    private mutating func check(step: String, _ expected: String) {
        guard let run, let known = shell.runs[run] else { return }
        guard known.definition.stepIDs.contains(step) else {
            return check("steps.\(step)", expected, "there is no such step")
        }
        let status = known.definition.status(of: step, in: known.state)
        let actual = status.isFinal ? status.rawValue : StepStatus.pending.rawValue
        let error = known.state.steps[StepAddress(step)]?.error
        let detail = status == .failed ? error.map { " (\($0.type.rawValue): \($0.message))" } ?? "" : ""
        if expected != actual { check("steps.\(step)", expected, actual + detail) }
    }

    /// What the step's request was; every attempt sends the same.
    private mutating func check(request step: String, _ expected: JSONValue) {
        guard let state = state?.steps[StepAddress(step)], state.key != nil, let sent = state.inputs?.object
        else {
            return check("requests.\(step)", expected.text, "no request was sent")
        }
        check("requests.\(step)", Self.normalized(expected), Self.normalized(.object(sent)))
    }

    /// Names of headers are the same in any case.
    private static func normalized(_ request: JSONValue) -> JSONValue {
        guard case .object(var members) = request, let headers = members["headers"]?.object else {
            return request
        }
        members["headers"] = .object(JSONObject(headers.map { ($0.key.lowercased(), $0.value) }))
        return .object(members)
    }

    private mutating func check(record key: String, _ fields: JSONValue) {
        guard let name = TestRecordKey(key) else { return check("records.\(key)", "a record's key", key) }
        let record =
            switch name.selector {
            case .id(let id): shell.records.first(name.type, where: "id", is: id)
            case .field(let field, let value): shell.records.first(name.type, where: field, is: value)
            }
        switch (fields.isNull, record) {
        case (true, nil): break
        case (true, let record?): check("records.\(key)", "no record", JSONValue.object(record).text)
        case (false, nil): check("records.\(key)", fields.text, "no record")
        case (false, let record?): check("records.\(key)", fields, .object(record))
        }
    }

    /// Of objects the members that are named, of everything else all of it.
    private mutating func check(_ place: String, _ expected: JSONValue, _ actual: JSONValue) {
        guard case .object(let members) = expected, case .object(let known) = actual else {
            return check(place, expected.text, actual.text)
        }
        for (key, value) in members {
            if let other = known[key] {
                check("\(place).\(key)", value, other)
            } else {
                check("\(place).\(key)", value.text, "nothing")
            }
        }
    }
}
