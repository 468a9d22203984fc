import ArgumentParser
import Resources
import WorkflowEngine

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the WorkflowTests of a working tree: virtual time, no network, nothing is stored.",
        discussion: "Exits 1 when a case fails, or when the configuration has errors.")

    @Argument(help: "The folder with the configuration.", completion: .directory)
    var dir = "."

    @Option(help: "The form of the report: human, junit or json.")
    var format = WorkflowTestFormat.human

    @OptionGroup var environment: EnvironmentChoice
    @OptionGroup var output: OutputOptions

    func run() throws {
        var loader = Loader(environment: environment.env)
        let tree = WorkingTree(dir)
        let loaded = loader.load(try tree.files())
        guard loaded.isValid else {
            let renderer = DiagnosticRenderer(
                isColoured: output.errorPalette.isColoured, pathPrefix: tree.pathPrefix,
                toolVersion: Version.current)
            Console.standard.note(renderer.text(loaded.errors, as: .human))
            throw Failure(
                "the configuration has errors, its tests were not run",
                hint: "see `zentra-sync validate \(dir)`")
        }
        let state = try loaded.desiredState()
        let tester = WorkflowTester(state.resources)
        var report = WorkflowTestReport()
        for test in state.tests { report.cases += tester.run(test) }
        Console.standard.write(report.text(format))
        guard report.isPassed else { throw ExitStatus.failed.end }
    }
}

extension WorkflowTestFormat: ExpressibleByArgument {}
