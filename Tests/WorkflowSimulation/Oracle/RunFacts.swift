import Resources
import WorkflowEngine

/// What happened to a run from outside, as the world saw it. What a run comes to follows from its model and this.
struct RunFacts {
    enum Cancellation {
        /// Before it began: none of its steps may run.
        case unbegun
        /// Once, while its steps or `onFailure` were under way: `finally` follows.
        case once
        /// Again, or while `finally` was under way: it ends at once.
        case atOnce
    }

    var cancellation: Cancellation?
    /// The timeout of the run, or that of its end, has passed.
    var isTimedOut = false
    /// Steps of at-most-once requests that were out when the process died.
    var lost: Set<StepAddress> = []
    /// How the runs ended that its steps called, by attempt.
    var children: [StepAddress: [Int: RunStatus]] = [:]
    /// What the run that this one repeats had done.
    var restored: [StepAddress: StepStatus] = [:]
    /// 1 for a run that repeats another.
    var generation = 0
    /// It was recorded, and never began.
    var refused: RunStatus?
}
