import Resources
import Testing

struct ExpressionGoldenTests {
    @Test func `expressions of workflows, endpoints and policies get the expected diagnostics`() throws {
        let files = try DirectoryReader(root: Fixtures.path("workflow-expressions")).files()
        var loader = Loader()
        let text = DiagnosticRenderer().text(loader.load(files).diagnostics, as: .human)
        #expect(try text == Fixtures.golden("workflow-expressions/expected.txt", text))
    }
}
