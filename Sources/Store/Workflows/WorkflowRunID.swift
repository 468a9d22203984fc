/// The id of a run: `run_` and a ULID.
package struct WorkflowRunID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { text }
}
