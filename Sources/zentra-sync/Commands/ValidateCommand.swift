import ArgumentParser
import Resources

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check a working tree offline; all problems in one run.")

    @Argument(help: "The folder to check.")
    var dir = "."

    @Option(help: "The form of the problems: human, json, github or sarif.")
    var format = DiagnosticFormat.human

    @OptionGroup var environment: EnvironmentChoice
    @OptionGroup var output: OutputOptions

    func run() throws {
        var loader = Loader(environment: environment.env)
        let folder = try DirectoryReader(root: dir).listing()
        for entry in folder.skipped { Console.standard.warning("\(entry) and was not read") }
        if folder.files.isEmpty {
            Console.standard.warning("there is no file to check in `\(dir)`: *.yaml and *.yml are read")
        }
        let loaded = loader.load(folder.files)
        let renderer = DiagnosticRenderer(
            isColoured: output.palette.isColoured, pathPrefix: prefix, toolVersion: Version.current)
        Console.standard.write(renderer.text(loaded.diagnostics, as: format))
        if format == .human {
            Console.standard.note(summary(loaded))
            if let hint = EnvironmentHint.text(loaded.errors, environment: environment.env) {
                Console.standard.note("hint: \(hint)")
            }
        }
        guard loaded.isValid else { throw ExitStatus.failed.end }
    }

    /// Paths are shown as they are seen from where the command was called.
    private var prefix: String {
        let trimmed = dir.hasSuffix("/") ? String(dir.dropLast()) : dir
        return trimmed == "." ? "" : trimmed + "/"
    }

    private func summary(_ loaded: LoadedConfiguration) -> String {
        let files = Plural.count(loaded.fileCount, "file")
        let (errors, warnings) = (loaded.errors.count, loaded.warnings.count)
        guard errors + warnings > 0 else { return "\(files): no problems" }
        return "\(files): \(Plural.count(errors, "error")), \(Plural.count(warnings, "warning"))"
    }
}

extension DiagnosticFormat: ExpressibleByArgument {}
