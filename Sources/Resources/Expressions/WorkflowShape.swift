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
        case wait
    }

    package struct Step: Sendable, Hashable {
        package let id: String
        package let outputs: Outputs
        /// Whether it waits for its callback URL.
        package let hasCallback: Bool
    }

    package var vars: [String] = []
    package var steps: [Step] = []
    /// The names that the loops around the expression give to their elements.
    package var elements: [String] = []
    /// Whether the expression stands in a step that deals with an error.
    package var hasError = false

    package init() {}

    /// Declares what the scope has beside `event` and `secrets`.
    func declare(in scope: ExpressionScope, _ declarations: inout Declarations) {
        guard scope != .workflowStart else {
            declarations.withhold("steps", because: "no step has run before the run starts")
            return declarations.withhold("run", because: "there is no run yet")
        }
        declarations.declare("vars", Self.record("vars", vars.map { ($0, .dyn) }))
        declarations.declare("steps", Self.record("steps", steps.map { ($0.id, $0.type) }))
        declarations.declare("run", .record(.init("run", [.init("id", .string)], open: true)))
        for name in elements { declarations.declare(name, .dyn) }
        if hasError || scope == .workflowFailure { declarations.declare("error", Self.error) }
        switch scope {
        case .workflowRequest:
            let waiting = steps.filter(\.hasCallback)
            declarations.declare(
                "callbacks",
                Self.record(
                    "callbacks", waiting.map { ($0.id, Self.record("callback", [("url", .string)])) }))
        case .workflowResponse: declarations.declare("response", Self.response)
        case .workflowMessage: declarations.declare("message", Self.message)
        default: break
        }
    }

    fileprivate static func record(_ name: String, _ fields: [(String, CELType)]) -> CELType {
        .record(.init(name, fields.map { .init($0.0, $0.1) }))
    }

    private static let error = record(
        "error", [("step", .string), ("type", .string), ("message", .string)])

    private static let response = record(
        "response", [("status", .int), ("headers", .map(.string, .string)), ("body", .dyn)])

    fileprivate static let message = record(
        "message",
        [("id", .string), ("data", .dyn), ("headers", .map(.string, .string)), ("receivedAt", .timestamp)])
}

extension WorkflowShape.Step {
    fileprivate var type: CELType {
        .record(.init("step \(id)", [.init("outputs", outputsType)], open: true))
    }

    private var outputsType: CELType {
        let name = "outputs of \(id)"
        return switch outputs {
        case .open: .dyn
        case .named(let names): WorkflowShape.record(name, names.map { ($0, .dyn) })
        case .status: WorkflowShape.record(name, [("status", .int)])
        case .wait:
            .record(
                .init(
                    name,
                    [
                        .init("timedOut", .bool), .init("which", .string, optional: true),
                        .init("message", WorkflowShape.message, optional: true),
                    ]))
        }
    }
}
