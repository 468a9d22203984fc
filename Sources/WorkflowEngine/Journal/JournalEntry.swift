package import JSON
package import Resources

/// One fact of a run's history. The state of a run is what its entries make of an empty one, in their order; nothing is
/// evaluated again on the way, so a later release comes to the same state.
package struct JournalEntry: Sendable {
    package let at: Moment
    /// nil for a fact about the run.
    package let step: StepAddress?
    package let fact: Fact

    /// Boxed, because some cases are large and most are not.
    package indirect enum Fact: Sendable {
        // About the run.
        /// It exists: queued, refused, failed, or about to begin.
        case created(RunCreation)
        /// It begins; `vars` have their values, and its timeout counts from here.
        case began(vars: JSONObject, deadline: Moment)
        /// Its steps are through, one way or another; what comes next is `onFailure` or `finally`.
        case phase(RunPhase, outcome: RunStatus, error: StepError?, deadline: Moment?)
        case finished(RunStatus, outputs: JSONObject, error: StepError?)

        // About a step.
        case started(timeoutAt: Moment?)
        /// The request, with the first attempt only; the later ones send the same.
        case sending(attempt: Int, RequestPlan?)
        case waiting(WaitRegistration)
        case sleeping(until: Moment)
        /// Until a time of the wall clock, not the end of a duration.
        case sleepingUntil(Moment)
        case calling(workflow: String, inputs: JSONObject)
        /// What a step does at once, with the values of its expressions: a record operation, an event.
        case acting(JSONValue)
        /// It goes on in a transaction of its own.
        case postponed(until: Moment)
        /// The case of a `switch` that is taken, or `default`, which counts as the last.
        case chosen(Int)
        /// The elements of a `forEach`.
        case looping([JSONValue])
        case iterationBegan(Int)
        case iterationEnded(Int, StepStatus, error: StepError?)
        case branchEnded(Int, StepStatus, error: StepError?)
        /// The handler of its `catch` that deals with the error.
        case catching(Int, StepError)
        /// An attempt failed; the next one is at that time.
        case retrying(at: Moment, StepError)
        /// Its attempts are used up; a person has to decide.
        case paused(StepError)
        case resumed
        /// The next attempt of a step that is no request begins.
        case again(timeoutAt: Moment?)
        /// Its request has an outcome, or the run that it called has ended.
        case answered
        /// The message that ends its wait; no other wait of the run can use it.
        case received(message: String)
        case ended(StepStatus, outputs: JSONObject?, error: StepError?)
        /// It was through in the run that this one repeats.
        case restored(StepStatus, outputs: JSONObject)
    }
}

/// How a run came into being. A reference, because it is large, goes wherever the run's state goes, and never changes.
package final class RunCreation: Sendable {
    package let run: RunID
    package let workflow: String
    /// Of the workflow's canonical form: the revision that the run keeps.
    package let digest: String
    package let event: TriggerEvent
    package let chain: Chain
    package let parent: RunStart.Parent?
    /// The run that this one repeats.
    package let repeats: RunID?
    /// Idempotency keys that have to stay.
    package let keys: [StepAddress: String]
    package let isQueued: Bool
    /// A queued run does not begin before.
    package let notBefore: Moment?

    init(
        run: RunID, workflow: String, digest: String, event: TriggerEvent, chain: Chain,
        parent: RunStart.Parent?, repeats: RunID?, keys: [StepAddress: String], isQueued: Bool,
        notBefore: Moment?
    ) {
        self.run = run
        self.workflow = workflow
        self.digest = digest
        self.event = event
        self.chain = chain
        self.parent = parent
        self.repeats = repeats
        self.keys = keys
        self.isQueued = isQueued
        self.notBefore = notBefore
    }
}

/// Which of the workflow's lists of steps a run is in.
package enum RunPhase: String, Sendable {
    case steps, onFailure, finally
}
