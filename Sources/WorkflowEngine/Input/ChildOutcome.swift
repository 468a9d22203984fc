package import JSON

/// How a run that was called has ended.
package enum ChildOutcome: Sendable {
    case succeeded(outputs: JSONObject)
    case failed(StepError)
    /// It was never started: there is no such workflow, its inputs are wrong, or a bound stands against it.
    case refused(StepError)
}
