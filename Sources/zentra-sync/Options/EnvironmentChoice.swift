import ArgumentParser

/// Which environment of the repository counts.
struct EnvironmentChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The environment: base/ with the overlays and values of env/<name>/.", valueName: "name"))
    var env: String?

    func validate() throws {
        guard let env else { return }
        guard !env.isEmpty, !env.hasPrefix("."), !env.hasPrefix("_"), !env.contains("/") else {
            throw ValidationError("--env is the name of a folder below env/")
        }
    }
}
