/// Something that happens to a run.
///
/// All of them may come twice or late; one that no longer fits is ignored: its transition has no entries. Of what there is to
/// tell at once, times come last: what came in time counts.
package enum RunInput: Sendable {
    /// Only on an empty state.
    case start(RunStart)
    /// A run that was queued gets its slot.
    case begin
    /// What came of a request, by the number of its attempt.
    case http(StepAddress, attempt: Int, HTTPOutcome)
    /// A message of the mailbox, an event, or a call of a callback URL, for a step that waits.
    ///
    /// Ignored when it does not satisfy `match`, or when this run used it before. Those from before the run are not offered.
    case message(StepAddress, WaitMessage)
    /// Ignored before its time, so that a clock that went back wakes nothing too early.
    case timer(TimerID)
    /// The run that a step called has ended.
    case child(StepAddress, attempt: Int, ChildOutcome)
    /// A person, `rollout: cancel` or `onConflict: cancelRunning` ends the run; `finally` still happens. A second time it
    /// ends at once.
    case cancel(reason: String)
    /// A person lets a paused run go on: its steps get as many attempts again.
    case resume
    /// The process was restarted: requests under way are sent again with the same key, or end in `unknownOutcome`.
    ///
    /// Timers, waits and runs that were called are in the shell's tables and need nothing.
    case recover
}
