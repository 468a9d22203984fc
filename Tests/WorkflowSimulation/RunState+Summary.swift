import JSON
import WorkflowEngine

extension RunState {
    /// All of it that two states can differ in, for comparison.
    package var summary: String {
        var lines = [
            "\(status) \(phase) \(outcome) \(String(describing: error)) \(stepCount) \(size)",
            "\(JSONValue.object(vars)) \(JSONValue.object(outputs)) \(consumed.sorted())",
            timers.map { "\($0.id)@\($0.at)" }.joined(separator: " "),
            waits.map { "\($0.step)=\($0.wait.json)" }.joined(separator: " "),
        ]
        for (address, step) in orderedSteps {
            lines.append(
                "\(address) \(step.status) \(step.attempts) \(step.isSending) \(step.isPaused) "
                    + "\(step.isCalling) \(JSONValue.object(step.outputs)) \(String(describing: step.error)) "
                    + "\(step.request?.json.text ?? "-") \(step.inputs?.text ?? "-")")
        }
        return lines.joined(separator: "\n")
    }
}
