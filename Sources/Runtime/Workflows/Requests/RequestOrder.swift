import Store
import WorkflowEngine

/// A request that a step wants to have sent.
struct RequestOrder: Sendable {
    let run: CommitSequence
    let step: StepAddress
    let attempt: Int
    let plan: RequestPlan
}
