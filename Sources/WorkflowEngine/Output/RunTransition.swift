/// What one input does to a run: one transaction.
///
/// While ``operation`` is not nil the transition is not whole: the shell works the operation out and hands its result to
/// ``WorkflowEngine/answer(_:with:)``, which goes on. Entries and effects are those of the whole transition so far.
package struct RunTransition: Sendable {
    package let entries: [JournalEntry]
    package let effects: [Effect]
    /// The state with the entries. It is true once they are committed.
    package let state: RunState
    /// What the next step needs to know before the transaction can be committed.
    package let operation: RecordOperation?
    /// Where it goes on after the operation.
    let advance: Advance?

    /// Whether the input changed nothing.
    package var isIgnored: Bool { entries.isEmpty && effects.isEmpty && operation == nil }
}
