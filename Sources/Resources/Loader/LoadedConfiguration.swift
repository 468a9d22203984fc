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

    private init(resources: [Resource], tests: [Resource]) {
        self.resources = resources
        self.tests = tests
    }

    /// The state with other resources in the place of some.
    func replacing(_ old: [Resource], with new: [Resource]) -> DesiredState {
        var edits: [ResourceID: Resource?] = [:]
        for resource in old { edits.updateValue(nil, forKey: resource.id) }
        for resource in new { edits.updateValue(resource, forKey: resource.id) }
        let sorted = edits.sorted { $0.key < $1.key }.map { (key: $0.key, element: $0.value) }
        let testsBegin = sorted.firstIndex { $0.key.kind == .workflowTest } ?? sorted.endIndex
        return DesiredState(
            resources: resources.applying(Array(sorted[..<testsBegin]), key: \.id).list,
            tests: tests.applying(Array(sorted[testsBegin...]), key: \.id).list)
    }

    package var isEmpty: Bool { resources.isEmpty }

    /// Nothing but a search: most states are gone through as a whole.
    package subscript(id: ResourceID) -> Resource? {
        let position = resources.position(of: id, key: \.id)
        return position < resources.count && resources[position].id == id ? resources[position] : nil
    }

    /// What became of the resources since an earlier state, in the order of ids; nil for one that is gone.
    ///
    /// Resources that were carried over are the same objects, so they are not looked into.
    package func differences(from earlier: DesiredState) -> [(id: ResourceID, resource: Resource?)] {
        let (before, after) = (earlier.resources, resources)
        var differences: [(id: ResourceID, resource: Resource?)] = []
        var (old, new) = (0, 0)
        while old < before.count || new < after.count {
            if old < before.count, new < after.count, before[old] === after[new] {
                (old, new) = (old + 1, new + 1)
                continue
            }
            let (gone, made) = (
                old < before.count ? before[old].id : nil, new < after.count ? after[new].id : nil
            )
            if let gone, made.map({ gone < $0 }) ?? true {
                differences.append((gone, nil))
                old += 1
            } else if let made {
                differences.append((made, after[new]))
                (old, new) = (gone == made ? old + 1 : old, new + 1)
            }
        }
        return differences
    }
}
