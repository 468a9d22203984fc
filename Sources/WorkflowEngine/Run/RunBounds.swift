/// The bounds of a run. What goes beyond one fails the step, or the run, with `error.type == 'limit'`.
package enum RunBounds {
    /// Bytes of a step's outputs as compact JSON.
    package static let outputs = 256 << 10
    /// Bytes of all that a run keeps as compact JSON.
    package static let state = 8 << 20
    /// Arrays and objects within each other in a value that a run keeps: more than what comes from elsewhere
    /// (`JSONLimits.received`), and less than can be read again, because journals, events and answers of the API hold it.
    package static let depth = 192
    /// Steps that a run begins, those of each iteration counted.
    package static let steps = 1_000
    /// Elements of a `forEach`.
    package static let items = 1_000
    /// Lists of steps within each other.
    package static let nesting = 16
    /// Runs in one chain.
    package static let chain = 1_000
    /// Bytes of an answer that expressions can see.
    package static let response = 1 << 20
    /// Bytes of a correlation, concurrency or dedupe key.
    package static let key = 1 << 10
    /// What a request may take when its step says nothing.
    package static let requestTimeout: Duration = .seconds(30)
    /// What `onFailure` and `finally` may take of a run that was ended by its timeout or by a person.
    package static let cleanup: Duration = .seconds(3_600)
    /// The whole run, waits included.
    package static let run: Duration = .seconds(90 * 86_400)
    /// Record operations in one transaction; the next ones go into another.
    package static let operations = 32
}
