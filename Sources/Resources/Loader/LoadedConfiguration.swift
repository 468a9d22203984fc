/// The result of reading a configuration. The desired state of one with errors cannot be had: a failed read is never an
/// empty desired state.
package struct LoadedConfiguration: Sendable {
    /// All problems, in the order of files, lines and columns.
    package let diagnostics: [Diagnostic]
    /// Files that were read.
    package let fileCount: Int
    private let state: DesiredState?

    /// - Parameter state: nil when there is an error among the diagnostics.
    init(diagnostics: [Diagnostic], fileCount: Int, state: DesiredState?) {
        self.diagnostics = diagnostics
        self.fileCount = fileCount
        self.state = state
    }

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
    package var isValid: Bool { state != nil }

    /// What the configuration asks for; throws when there was any error.
    package func desiredState() throws(InvalidConfiguration) -> DesiredState {
        guard let state else { throw InvalidConfiguration(errors: errors) }
        return state
    }
}

/// A configuration with errors.
package struct InvalidConfiguration: Error, Sendable, CustomStringConvertible {
    package let errors: [Diagnostic]

    package var description: String {
        errors.count == 1 ? "the configuration has an error" : "the configuration has \(errors.count) errors"
    }
}

/// The resources of a valid configuration.
package struct DesiredState: Sendable {
    /// What is applied, in the order of ids.
    package let resources: [Resource]
    /// The `WorkflowTest`s, which are checked and run, not applied.
    package let tests: [Resource]
    private let index: [ResourceID: Int]

    /// Resources with distinct ids, in any order.
    package init(_ all: some Sequence<Resource>) {
        // Ids are compared as they stand here: reaching into the resources for each comparison costs several times more.
        let sorted = all.map { (id: $0.id, resource: $0) }.sorted { $0.id < $1.id }.map(\.resource)
        resources = sorted.filter { $0.id.kind != .workflowTest }
        tests = sorted.filter { $0.id.kind == .workflowTest }
        index = Dictionary(resources.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    package var isEmpty: Bool { resources.isEmpty }
    package subscript(id: ResourceID) -> Resource? { index[id].map { resources[$0] } }
}
