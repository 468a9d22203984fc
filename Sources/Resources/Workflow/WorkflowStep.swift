package import JSON

/// A step of a workflow. Conditions and keys are CEL; trees are payloads whose strings may hold `${ }`.
package struct WorkflowStep: Sendable, Hashable {
    /// What handles a step's error.
    package struct Handler: Sendable, Hashable {
        package let condition: String?
        package let steps: [WorkflowStep]
        package let outputs: JSONObject?
    }

    package let id: String
    package let name: String?
    package let condition: String?
    /// nil for a step that only has outputs.
    package let action: WorkflowAction?
    /// nil when nothing was written; the action decides then.
    package let retry: RetryPolicy?
    package let timeout: Duration?
    package let continueOnError: Bool
    package let handlers: [Handler]
    package let outputs: JSONObject?
}

extension WorkflowStep: SpecDecodable {
    init(_ step: SpecReader) throws(SpecError) {
        id = try step.string("id")
        name = try step.optionalString("name")
        condition = try step.optionalString("if")
        action = try WorkflowAction(step)
        retry = try step.optionalObject("retry").map { (retry) throws(SpecError) in try RetryPolicy(retry) }
        timeout = try step.optionalDuration("timeout")
        continueOnError = try step.bool("continueOnError")
        handlers = try step.objects("catch").map { (handler) throws(SpecError) in
            Handler(
                condition: try handler.optionalString("if"), steps: try handler.steps("steps"),
                outputs: handler.members["outputs"]?.object)
        }
        outputs = step.members["outputs"]?.object
    }

    /// The defaults of `retry` for requests.
    package static var defaultRetry: RetryPolicy {
        get throws(SpecError) { try RetryPolicy(SpecReader(StepSchema.retry, [:])) }
    }
}

extension SpecReader {
    /// The steps of a list.
    func steps(_ name: String) throws(SpecError) -> [WorkflowStep] {
        try objects(name).map { (step) throws(SpecError) in try WorkflowStep(step) }
    }

    /// A mapping of payload trees; empty when it is absent.
    func tree(_ name: String) -> JSONObject { members[name]?.object ?? [:] }

    /// The mappings by their free keys.
    func entries(_ name: String) throws(SpecError) -> [(String, SpecReader)] {
        try (members[name]?.object ?? [:]).map { (key, value) throws(SpecError) in
            (key, try nested(name, value))
        }
    }
}
