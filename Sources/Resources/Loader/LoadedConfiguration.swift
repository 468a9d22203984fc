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

    /// Resources with distinct ids, in any order.
    package init(_ all: some Sequence<Resource>) {
        // Ids are compared as they stand here: reaching into the resources for each comparison costs several times more.
        var entries = all.map { (id: $0.id, resource: $0) }
        // Most often files are named after what is in them.
        if !zip(entries, entries.dropFirst()).allSatisfy({ $0.id < $1.id }) { entries.sort { $0.id < $1.id } }
        let testsBegin = entries.firstIndex { $0.id.kind == .workflowTest } ?? entries.endIndex
        resources = entries[..<testsBegin].map(\.resource)
        tests = entries[testsBegin...].map(\.resource)
    }

    package var isEmpty: Bool { resources.isEmpty }

    /// Nothing but a search: most states are gone through as a whole.
    package subscript(id: ResourceID) -> Resource? {
        var (low, high) = (0, resources.count)
        while low < high {
            let middle = (low + high) / 2
            if resources[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < resources.count && resources[low].id == id ? resources[low] : nil
    }
}
