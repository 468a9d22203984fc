import ArgumentParser
import Resources

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a working tree offline; all problems in one run.")

    @Argument(help: "The folder to check.", completion: .directory)
    var dir = "."

    @Option(help: "The form of the problems: human, json, github or sarif.")
    var format = DiagnosticFormat.human

    @OptionGroup var environment: EnvironmentChoice
    @OptionGroup var output: OutputOptions

    func run() throws {
        var loader = Loader(environment: environment.env)
        let tree = WorkingTree(dir)
        let files = try tree.files()
        if files.isEmpty {
            Console.standard.warning("there is no file to check in `\(dir)`: *.yaml and *.yml are read")
        }
        let loaded = loader.load(files)
        let renderer = DiagnosticRenderer(
            isColoured: output.palette.isColoured, pathPrefix: tree.pathPrefix, toolVersion: Version.current)
        Console.standard.write(renderer.text(loaded.diagnostics, as: format))
        if format == .human {
            Console.standard.note(summary(loaded))
            if let hint = EnvironmentHint.text(loaded.errors, environment: environment.env) {
                Console.standard.note("hint: \(hint)")
            }
        }
        guard loaded.isValid else { throw ExitStatus.failed.end }
    }

    private func summary(_ loaded: LoadedConfiguration) -> String {
        let files = Plural.count(loaded.fileCount, "file")
        let (errors, warnings) = (loaded.errors.count, loaded.warnings.count)
        guard errors + warnings > 0 else { return "\(files): no problems" }
        return "\(files): \(Plural.count(errors, "error")), \(Plural.count(warnings, "warning"))"
    }
}

extension DiagnosticFormat: ExpressibleByArgument {}
