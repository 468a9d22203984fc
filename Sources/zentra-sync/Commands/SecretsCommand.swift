import ArgumentParser
import JSON
import Resources
import Runtime
import Store

struct SecretsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Secret references.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which references resolve in this environment, without showing values.")

        @Option(
            help: ArgumentHelp(
                "Check the references of this folder instead of the live ones.", valueName: "folder"))
        var dir: String?

        @Option(help: ArgumentHelp("Folders that secret files must be in.", valueName: "folder"))
        var secretsDir: [String] = []

        @Option(help: "human or json.")
        var format = ListFormat.human

        @OptionGroup var environment: EnvironmentChoice
        @OptionGroup var state: StateOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if environment.env != nil && dir == nil { throw ValidationError("--env goes with --dir") }
        }

        func run() async throws {
            let reader = SecretReader(folders: secretsDir.isEmpty ? nil : secretsDir)
            let results = try await references().map {
                (name: $0.name, source: $0.source, result: reader.read($0.source))
            }
            switch format {
            case .human:
                var table = Table(["SECRET", "FROM", "STATUS"])
                for item in results { table.add([item.name, describe(item.source), status(item.result)]) }
                Console.standard.write(table.text)
            case .json:
                Console.standard.print(
                    JSONValue.array(results.map { json($0.name, $0.source, $0.result) }).prettyText)
            }
            let missing = results.count { if case .failure = $0.result { true } else { false } }
            guard missing == 0 else {
                Console.standard.error(
                    "\(missing) of \(Plural.count(results.count, "reference")) \(missing == 1 ? "does" : "do") not resolve here",
                    hint: nil)
                throw ExitStatus.failed.end
            }
        }

        private func references() async throws -> [(name: String, source: SecretReferenceSpec.Source)] {
            try await resources().compactMap { resource in
                guard case .secretReference(let spec) = resource.spec else { return nil }
                return (resource.id.name, spec.source)
            }
        }

        private func resources() async throws -> [Resource] {
            if let dir {
                var loader = Loader(environment: environment.env)
                return try loader.load(try DirectoryReader(root: dir).files()).desiredState().resources
            }
            let store = try state.openForReading()
            let live = try await store.liveConfiguration()
            try store.close()
            return try live.resources.map { try Resource(canonical: $0.canonical) }
        }

        private func describe(_ source: SecretReferenceSpec.Source) -> String {
            switch source {
            case .environment(let name): "env \(name)"
            case .file(let path): "file \(path)"
            }
        }

        private func status(_ result: Result<SecretValue, SecretProblem>) -> String {
            switch result {
            case .success: output.palette.green("resolves")
            case .failure(let problem): output.palette.red("\(problem)")
            }
        }

        private func json(
            _ name: String, _ source: SecretReferenceSpec.Source, _ result: Result<SecretValue, SecretProblem>
        ) -> JSONValue {
            var problem: JSONValue = .null
            if case .failure(let failure) = result { problem = .string("\(failure)") }
            return [
                "name": .string(name), "from": .string(describe(source)), "resolves": .bool(problem.isNull),
                "problem": problem,
            ]
        }
    }
}
