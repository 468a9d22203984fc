/// What the shell knows about other runs, read in the transaction that would start one.
package struct StartFacts: Sendable {
    /// Runs of the workflow with the same concurrency key that have their slot (begun and not ended), the oldest first.
    package var active: [RunID] = []
    /// Those that are queued for one.
    package var queued = 0
    /// When a run with the same dedupe key was last created, or counted as a repetition of none.
    package var lastWithDedupeKey: Moment?
    /// Runs that carry the same `Chain.root`.
    package var runsInChain = 0
    /// What ``StartDecision/rate`` was when the workflow last started a run.
    package var rate: Moment?

    package init() {}
}
