internal import Expressions

/// What is known about a workflow before it runs: the names of its variables and steps, and what its steps yield.
package struct WorkflowShape: Sendable, Hashable {
    /// What a step leaves behind.
    package enum Outputs: Sendable, Hashable {
        /// Of any form: a record, another workflow's result.
        case open
        case named([String])
        /// A request without `outputs`.
        case status
        /// Of a wait; what comes of it may be absent.
        case wait(isCertain: Bool)
        /// The fields of a record, which `find` may not have found, and what else is said about it.
        case record(RecordType, flag: String?, isCertain: Bool)
        /// Of a loop.
        case loop
    }

    package struct Step: Sendable, Hashable {
        package let id: String
        package let outputs: Outputs
    }

    package enum Response: Sendable, Hashable {
        case http
        /// Its body is what another action than a request came to.
        case action(Outputs)
    }

    package var vars: [String] = []
    /// Those that have run when the expression is evaluated.
    package var steps: [Step] = []
    /// The others, with the reason why they cannot be looked at.
    package var hidden: [String: String] = [:]
    /// The steps whose callback URL is known.
    package var callbacks: [String] = []
    /// The conditions that hold, or do not, where the expression stands.
    package var conditions: [String] = []
    /// The steps that the expression itself asks whether they have what may be absent.
    package var asked: Set<String> = []
    /// The names that the loops around the expression give to their elements.
    package var elements: [String] = []
    /// Whether the expression stands in a step that deals with an error.
    package var hasError = false
    /// What `response` is where the expression stands; nil where there is none.
    package var response: Response?

    package init() {}

    /// Notes what an expression asks about: `steps.look.outputs.found && steps.look.outputs.key == …`.
    mutating func note(asking text: String) {
        guard text.contains(".outputs.") else { return }
        for step in steps where text.contains("steps.\(step.id).outputs.") {
            let isAsked = ["found", "timedOut"].contains { text.contains("steps.\(step.id).outputs.\($0)") }
            if isAsked { asked.insert(step.id) }
        }
    }

    /// Declares what the scope has beside `event` and `secrets`.
    func declare(in scope: ExpressionScope, _ declarations: inout Declarations) {
        guard scope != .workflowStart else {
            declarations.withhold("steps", because: "no step has run before the run starts")
            declarations.withhold("vars", because: "they are computed when the run starts")
            return declarations.withhold("run", because: "there is no run yet")
        }
        declarations.declare("vars", Self.record("vars", vars.map { ($0, .dyn) }))
        let visible = steps.map { step in
            // A condition that looks at the wait knows how it ended.
            let isTested =
                asked.contains(step.id)
                || conditions.contains { $0.contains("steps.\(step.id).outputs") }
            return Expressions.RecordType.Field(step.id, step.type(isTested: isTested))
        }
        declarations.declare("steps", .record(.init("steps", visible, withheld: hidden)))
        declarations.declare("run", Self.run)
        for name in elements { declarations.declare(name, .dyn) }
        declareRest(in: scope, &declarations)
    }

    /// What only some places have; the others say why not.
    private func declareRest(in scope: ExpressionScope, _ declarations: inout Declarations) {
        if hasError || scope == .workflowFailure {
            declarations.declare("error", Self.error)
        } else {
            declarations.withhold("error", because: "an error is seen by `catch` and `onFailure`")
        }
        if scope == .workflowRequest || scope == .workflowURL {
            declareCallbacks(&declarations)
        } else {
            declarations.withhold(
                "callbacks",
                because: "who has the URL can resume the run, so it goes into a request and nowhere else")
        }
        if let response {
            declarations.declare("response", response.type)
        } else {
            declarations.withhold("response", because: "a response is seen by `expect` and `outputs`")
        }
        if scope == .workflowMessage {
            declarations.declare("message", Self.message)
        } else {
            declarations.withhold(
                "message",
                because:
                    "`match` and `anyOf` see it; afterwards it is `message` among the outputs of the step")
        }
    }

    private func declareCallbacks(_ declarations: inout Declarations) {
        guard !callbacks.isEmpty else {
            return declarations.withhold(
                "callbacks", because: "no step waits for one: add a step with `waitFor: {callback: {}}`")
        }
        let url = Self.record("callback", [("url", .string)])
        declarations.declare("callbacks", Self.record("callbacks", callbacks.map { ($0, url) }))
    }

    fileprivate static func record(_ name: String, _ fields: [(String, CELType)]) -> CELType {
        .record(.init(name, fields.map { .init($0.0, $0.1) }))
    }

    private static let run = record(
        "run", [("id", .string), ("workflow", .string), ("startedAt", .timestamp), ("depth", .int)])

    fileprivate static let error = record(
        "error", [("step", .string), ("type", .string), ("message", .string)])

    fileprivate static let message = record(
        "message",
        [("id", .string), ("data", .dyn), ("headers", .map(.string, .string)), ("receivedAt", .timestamp)])
}

extension WorkflowShape.Step {
    fileprivate func type(isTested: Bool) -> CELType {
        .record(
            .init(
                "step \(id)",
                [
                    .init("outputs", outputs.type("outputs of \(id)", isTested: isTested)),
                    .init("status", .string), .init("error", WorkflowShape.error, optional: true),
                ]))
    }
}

extension WorkflowShape.Response {
    fileprivate var type: CELType {
        let body: CELType =
            switch self {
            case .http: .dyn
            case .action(let outputs): outputs.type("body", isTested: true, isSeenByOutputs: true)
            }
        return WorkflowShape.record(
            "response", [("status", .int), ("headers", .map(.string, .string)), ("body", body)])
    }
}

extension WorkflowShape.Outputs {
    /// - Parameters:
    ///   - isTested: whether a condition around has made sure of what may be absent.
    ///   - isSeenByOutputs: whether the long text of a record is there, which is not kept.
    fileprivate func type(_ name: String, isTested: Bool, isSeenByOutputs: Bool = false) -> CELType {
        switch self {
        case .open: return .dyn
        case .named(let names): return WorkflowShape.record(name, names.map { ($0, .dyn) })
        case .status: return WorkflowShape.record(name, [("status", .int)])
        case .loop: return WorkflowShape.record(name, [("count", .int), ("results", .list(.dyn))])
        case .wait(let isCertain):
            let mayBeAbsent = !isCertain && !isTested
            let fields: [Expressions.RecordType.Field] = [
                .init("timedOut", .bool), .init("which", .string, optional: mayBeAbsent),
                .init("message", WorkflowShape.message, optional: mayBeAbsent),
            ]
            return .record(.init(name, fields))
        case .record(let record, let flag, let isCertain):
            let fields = record.fields.filter { isSeenByOutputs || $0.name != "description" }.map { field in
                Expressions.RecordType.Field(
                    field.name, field.celType, optional: !isCertain && !isTested)
            }
            return .record(.init(name, (flag.map { [.init($0, .bool)] } ?? []) + fields))
        }
    }
}
