/// Where a step stands.
package enum StepStatus: String, Sendable, CaseIterable {
    /// Not reached yet.
    case pending
    /// A request is out, or steps inside of it are under way.
    case running
    /// Waits for a message, a time, another run, the next attempt, or a person.
    case waiting
    case succeeded, failed
    /// Its `if` was false, or the run ended or went another way before it.
    case skipped
    /// It was under way when its run, or the branch around it, was ended.
    case cancelled

    package var isFinal: Bool {
        switch self {
        case .pending, .running, .waiting: false
        case .succeeded, .failed, .skipped, .cancelled: true
        }
    }
}
