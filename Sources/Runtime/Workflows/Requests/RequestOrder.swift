import Store
import WorkflowEngine

/// A request that a step wants to have sent.
struct RequestOrder: Sendable {
    let run: CommitSequence
    /// Of the run, for the log.
    let id: WorkflowRunID
    let step: StepAddress
    let attempt: Int
    let plan: RequestPlan

    /// The same of a run that has its place by now.
    func of(_ run: CommitSequence) -> RequestOrder {
        RequestOrder(run: run, id: id, step: step, attempt: attempt, plan: plan)
    }
}
