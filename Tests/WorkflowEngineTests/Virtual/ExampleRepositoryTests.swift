import FoundationEssentials
import Resources
import Testing

@testable import WorkflowEngine

/// The tests that the example repository and the page about workflows bring along.
struct ExampleRepositoryTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Each failed case with what differs.
    private func failures(of state: DesiredState) -> [String] {
        let tester = WorkflowTester(state.resources)
        return state.tests.flatMap(tester.run).filter { !$0.isPassed }.map { "\($0.name): \($0.failures)" }
    }

    @Test func `the tests of the example repository pass`() throws {
        let folder = Self.root.appending(path: "examples/config-repo").path(percentEncoded: false)
        var loader = Loader()
        let state = try loader.load(try DirectoryReader(root: folder).files()).desiredState()
        #expect(state.tests.count >= 6)
        #expect(failures(of: state) == [])
    }

    @Test func `the tests of the page about workflows pass`() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/workflows.md"), encoding: .utf8)
        let blocks = page.split(separator: "\n```yaml\n").dropFirst()
            .map { String($0.split(separator: "\n```").first ?? "") }
            .filter { $0.contains("{name: approve-change}") }
        let token = """
            apiVersion: sync.zentra.dev/v1
            kind: SecretReference
            metadata: {name: chat-token}
            spec: {from: {env: CHAT_TOKEN}}
            """
        let text = (blocks + [token]).joined(separator: "\n---\n") + "\n"
        var loader = Loader()
        let file = ConfigurationFile(path: "page.yaml", contentID: "1", bytes: Array(text.utf8))
        let state = try loader.load([file]).desiredState()
        #expect(state.tests.count == 1)
        #expect(failures(of: state) == [])
    }
}
