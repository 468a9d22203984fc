import Resources
import Testing

/// `examples/config-repo`, as it stands.
struct ExampleRepositoryTests {
    private func load() throws -> LoadedConfiguration {
        var loader = Loader()
        return loader.load(try DirectoryReader(root: Fixtures.path("../../../examples/config-repo")).files())
    }

    /// The receivers of the demonstration are on the same machine, which is worth a warning.
    @Test func `the example repository is valid, with no other warning than that of its local receivers`()
        throws
    {
        let loaded = try load()
        let told = loaded.diagnostics.filter { $0.code != .networkPolicy }
        #expect(DiagnosticRenderer().text(told, as: .human) == "")
        #expect(loaded.isValid)
    }

    @Test func `every workflow of the example repository has tests`() throws {
        let state = try load().desiredState()
        let workflows = state.resources.filter { $0.id.kind == .workflow }.map(\.id.name)
        let tested = state.tests.compactMap { resource in
            if case .workflowTest(let spec) = resource.spec { spec.workflow } else { nil }
        }
        #expect(workflows.count >= 4)
        #expect(Set(tested) == Set(workflows))
    }
}
