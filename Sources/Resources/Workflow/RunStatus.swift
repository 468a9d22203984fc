/// Where a run of a workflow stands.
package enum RunStatus: String, Sendable, CaseIterable {
    /// Waits for a slot of its concurrency key, or for its turn under the rate limit.
    case queued
    /// Something is under way: a request is out.
    case running
    /// Nothing is under way: it waits for messages, times or other runs.
    case waiting
    /// A step used up its attempts; a person has to decide.
    case paused
    case succeeded, failed, cancelled
    /// Never ran: loop protection, or a bound, stood against it.
    case refused

    package var isFinal: Bool {
        switch self {
        case .queued, .running, .waiting, .paused: false
        case .succeeded, .failed, .cancelled, .refused: true
        }
    }
}
