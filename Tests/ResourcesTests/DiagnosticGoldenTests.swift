import Resources
import Testing

struct DiagnosticGoldenTests {
    @Test(arguments: Fixtures.names(in: "broken"))
    func `a broken repository gets the expected diagnostics`(_ name: String) throws {
        let files = try DirectoryReader(root: Fixtures.path("broken/\(name)")).files()
        var loader = Loader()
        let loaded = loader.load(files)
        let text = DiagnosticRenderer().text(loaded.diagnostics, as: .human)
        #expect(try text == Fixtures.golden("broken/\(name)/expected.txt", text))
        #expect(throws: InvalidConfiguration.self) { try loaded.desiredState() }
    }

    @Test func `there are broken repositories to look at`() {
        #expect(Fixtures.names(in: "broken").count >= 8)
    }
}
