import Store
import WorkflowEngine

/// What a run that an event starts does first, worked out before it is stored, so that it does it in the transaction of its
/// event. It is of no meaning when something keeps the run from beginning.
struct PreparedRun: Sendable {
    /// As it is after that, without its place.
    let run: LoadedRun
    let progress: RunProgress
    let outcome: RunStepper.Outcome
}
