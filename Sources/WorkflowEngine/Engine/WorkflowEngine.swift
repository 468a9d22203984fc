/// What workflows do, as a function: (definition, state, input, now) → (journal entries, effects).
///
/// The shell around it commits the entries and the effects that belong to the transaction, then performs the others, and
/// comes back with what happens. It never changes a state by itself: what is not committed has not happened, and the same
/// input comes again after a crash. Inputs that come twice, late, or for nobody change nothing.
///
/// `docs/workflow-engine.md` draws the states.
package struct WorkflowEngine: Sendable {
    /// The one-time URL of a `waitFor: {callback: {}}`; always the same for a step of a run. nil without a public URL.
    let callbackURL: @Sendable (RunID, StepAddress) -> String?

    package init(callbackURL: @escaping @Sendable (RunID, StepAddress) -> String?) {
        self.callbackURL = callbackURL
    }

    /// What an input does to a run.
    ///
    /// - Parameters:
    ///   - state: consumed: a caller that gives its only copy away saves the copying.
    ///   - now: never goes back.
    ///   - ahead: by how much that is ahead of the wall clock, because the clock was set back.
    package func advance(
        _ definition: WorkflowDefinition, _ state: consuming RunState, _ input: RunInput, now: Moment,
        ahead: Duration = .zero
    ) -> RunTransition {
        var advance = Advance(
            definition: definition, engine: self, now: now, wallClock: now + (.zero - ahead), state: state)
        advance.handle(input)
        return advance.transition()
    }

    /// Goes on with the result of the operation that a transition asks for.
    ///
    /// - Precondition: `transition.operation` is not nil.
    package func answer(_ transition: consuming RunTransition, with result: RecordResult) -> RunTransition {
        guard var advance = transition.advance, let operation = transition.operation else {
            preconditionFailure("a transition without an operation takes no answer")
        }
        advance.answer(operation.step, result)
        return advance.transition()
    }
}
