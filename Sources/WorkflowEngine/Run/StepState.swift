package import JSON

/// What a run knows about one of its steps.
package struct StepState: Sendable {
    package internal(set) var status: StepStatus
    /// The steps of a run in the order in which they began.
    package internal(set) var position: Int
    package internal(set) var startedAt: Moment?
    package internal(set) var endedAt: Moment?
    /// Attempts that were begun, of all budgets together.
    package internal(set) var attempts = 0
    /// Those that a person's decision to go on has made good for.
    var forgivenAttempts = 0
    /// Whether the request of the last attempt is out.
    package internal(set) var isSending = false
    package internal(set) var request: RequestPlan?
    /// The idempotency key of its request.
    package internal(set) var key: String?
    /// Whether nobody knows what became of its request.
    var isOutcomeUnknown = false
    package internal(set) var wait: WaitRegistration?
    package internal(set) var retryAt: Moment?
    package internal(set) var sleepUntil: Moment?
    /// Whether that is a time of the wall clock.
    var sleepsUntilMoment = false
    package internal(set) var timeoutAt: Moment?
    package internal(set) var isPaused = false
    /// Whether the run that it called is under way.
    package internal(set) var isCalling = false
    /// What its expressions came to, for people; secrets as `secret:<name>`.
    package var inputs: JSONValue? { sent?.redacted ?? values }
    /// Its request, also after its end.
    var sent: RequestPlan?
    /// What the expressions of a step without a request came to.
    var values: JSONValue?
    /// Empty until it has ended.
    package internal(set) var outputs: JSONObject = [:]
    /// Why it failed, or why its last attempt did, or what its `catch` dealt with.
    package internal(set) var error: StepError?
    /// The message that ended its wait.
    package internal(set) var message: String?
    /// The case that a `switch` took.
    var choice: Int?
    var loop: Loop?
    /// Branches of a `parallel` that have ended.
    var branches: [Int: StepStatus] = [:]
    /// The handler of its `catch` that is under way or through.
    var handler: Int?
    /// Whether its steps come from the run that this one repeats.
    var isRestored = false

    struct Loop: Sendable {
        let items: [JSONValue]
        var begun = 0
        var running = 0
        var succeeded = 0
        var failed = 0
        /// The first failure.
        var error: StepError?
    }

    init(_ status: StepStatus, position: Int, startedAt: Moment?) {
        self.status = status
        self.position = position
        self.startedAt = startedAt
    }

    /// The times that it waits for.
    func timers(_ address: StepAddress, ahead: Duration = .zero) -> [(id: TimerID, at: Moment)] {
        var timers: [(TimerID, Moment)] = []
        if let retryAt { timers.append((.retry(address), retryAt)) }
        if let sleepUntil {
            timers.append((.sleep(address), sleepsUntilMoment ? sleepUntil + ahead : sleepUntil))
        }
        if let timeoutAt { timers.append((.timeout(address), timeoutAt)) }
        if let deadline = wait?.deadline { timers.append((.wait(address), deadline)) }
        return timers
    }
}
