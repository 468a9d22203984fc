package import JSON
package import Resources

/// What the shell does for a run besides keeping its entries and waking it at the times of ``RunState/timers``.
///
/// Effects of the first group are part of the transaction that holds the entries; those of the second are performed after
/// it, and again after `RunInput.recover`, because nobody knows whether they happened.
package enum Effect: Sendable {
    // In the transaction.
    /// The step waits from now on. Messages that were stored since the run was are offered to it at once, the oldest first.
    case openWait(StepAddress, WaitRegistration)
    case closeWait(StepAddress)
    /// The run used a message.
    case consume(message: String, by: StepAddress)
    /// An event happens, with the run's chain.
    case emit(StepAddress, type: String, data: JSONObject)
    /// Another workflow's run starts, of its live revision; `RunStart.Parent` is this run, the step and the attempt. Where that cannot
    /// be, the step gets `ChildOutcome.refused`.
    case startChild(StepAddress, attempt: Int, workflow: String, inputs: JSONObject)
    /// Ends the run that the step called.
    case cancelChild(StepAddress)
    /// The run has ended. Its slot is free, and a parent gets a `ChildOutcome`.
    case finished(FinishedRun)

    // After the transaction.
    /// Sends a request; its outcome comes back as `RunInput.http`.
    case send(StepAddress, attempt: Int, RequestPlan)
    /// Nobody waits for the request any more.
    case abandon(StepAddress)

    /// Whether it is part of the transaction.
    package var isTransactional: Bool {
        switch self {
        case .send, .abandon: false
        default: true
        }
    }
}

/// How a run ended.
package struct FinishedRun: Sendable, Equatable {
    package let status: RunStatus
    /// Those of its last step that has some; what a step `call` gets.
    package let outputs: JSONObject
    package let error: StepError?
    package let parent: RunStart.Parent?

    /// What the step that called the run gets.
    package var childOutcome: ChildOutcome {
        switch status {
        case .succeeded: .succeeded(outputs: outputs)
        case .refused: .refused(error ?? StepError(.call, "the run was refused"))
        default: .failed(error ?? StepError(.cancelled, "the run was cancelled"))
        }
    }
}
