/// Where a run of a workflow stands.
package enum WorkflowRunStatus: String, Sendable, CaseIterable {
    /// Held back by `concurrency` or `rateLimit`.
    case queued
    case running
    /// Every step under way waits: for a message, a time, another run.
    case waiting
    /// A step has no attempts left, and a person has to decide.
    case paused
    case succeeded, failed, cancelled
    /// Never begun, because workflows set each other off too often.
    case refused

    package var isFinished: Bool {
        switch self {
        case .queued, .running, .waiting, .paused: false
        case .succeeded, .failed, .cancelled, .refused: true
        }
    }
}

/// The id of a run: `run_` and a ULID.
package struct WorkflowRunID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}
