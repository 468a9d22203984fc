/// A time that a run waits for. A run has at most one of each name; setting it again replaces it.
package enum TimerID: Sendable, Hashable {
    /// The `timeout` of the run.
    case run
    /// The `timeout` of a step.
    case timeout(StepAddress)
    /// The next attempt of a step.
    case retry(StepAddress)
    /// The end of a `sleep`.
    case sleep(StepAddress)
    /// The `timeout` of a `waitFor`.
    case wait(StepAddress)
}

extension TimerID: CustomStringConvertible {
    /// `run`, `retry:page`, `wait:ack[2]`.
    package var description: String {
        switch self {
        case .run: "run"
        case .timeout(let step): "timeout:\(step)"
        case .retry(let step): "retry:\(step)"
        case .sleep(let step): "sleep:\(step)"
        case .wait(let step): "wait:\(step)"
        }
    }

    /// Reads the description back; nil for another text.
    package init?(_ text: String) {
        if text == "run" {
            self = .run
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2, let step = StepAddress(parsing: parts[1]) else { return nil }
        switch parts[0] {
        case "timeout": self = .timeout(step)
        case "retry": self = .retry(step)
        case "sleep": self = .sleep(step)
        case "wait": self = .wait(step)
        default: return nil
        }
    }
}
