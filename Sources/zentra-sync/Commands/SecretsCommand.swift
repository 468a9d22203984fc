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
            abstract: "Say which references resolve, without showing values.",
            discussion: """
                Reads the environment and the files of this process, as a sidecar would that is started like it; with \
                --server the running sidecar says what it has read.
                """)

        @Option(
            help: ArgumentHelp(
                "Check the references of this folder instead of the live ones.", valueName: "folder"),
            completion: .directory)
        var dir: String?

        @Option(
            help: ArgumentHelp("Folders that secret files must be in.", valueName: "folder"),
            completion: .directory)
        var secretsDir: [String] = []

        @Option(help: "human or json.")
        var format = ListFormat.human

        @OptionGroup var environment: EnvironmentChoice
        @OptionGroup var live: LiveOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if environment.env != nil && dir == nil { throw ValidationError("--env goes with --dir") }
            if live.server != nil && (dir != nil || !secretsDir.isEmpty) {
                throw ValidationError("a sidecar says what it has read; leave out --dir and --secrets-dir")
            }
        }

        func run() async throws {
            let results = try await results()
            switch format {
            case .human:
                guard !results.isEmpty else { return Console.standard.note("there is no secret reference") }
                var table = Table([.init("SECRET"), .init("FROM"), .init("STATUS", .wrapped)])
                for item in results {
                    table.add(
                        [item.name, item.source, item.problem ?? "resolves"], style: style(item.problem))
                }
                Console.standard.write(table.text())
            case .json: Console.standard.print(JSONValue.array(results.map(\.json)).prettyText)
            }
            let missing = results.count { $0.problem != nil }
            guard missing == 0 else {
                let count = Plural.count(results.count, "reference")
                Console.standard.error(
                    "\(missing) of \(count) \(missing == 1 ? "does" : "do") not resolve \(live.server == nil ? "here" : "there")",
                    hint: nil)
                throw ExitStatus.failed.end
            }
        }

        private func style(_ problem: String?) -> (String) -> String {
            let palette = output.palette
            return problem == nil ? { palette.green($0) } : { palette.red($0) }
        }
    }
}

extension SecretsCommand.Check {
    /// One reference, and why it does not resolve.
    private struct Result {
        let name: String
        let source: String
        let problem: String?

        var json: JSONValue {
            [
                "name": .string(name), "from": .string(source), "resolves": .bool(problem == nil),
                "problem": problem.map(JSONValue.string) ?? .null,
            ]
        }
    }

    private func results() async throws -> [Result] {
        if let server = try live.namedServer() {
            let answer = try await server.get("/api/v1/secret-references")
            return try SidecarClient.understood(answer["items"]?.array, "secret references").map(read)
        }
        let reader = SecretReader(folders: secretsDir.isEmpty ? nil : secretsDir)
        return try await resources().compactMap { resource in
            guard case .secretReference(let spec) = resource.spec else { return nil }
            var problem: String?
            if case .failure(let failure) = reader.read(spec.source) { problem = "\(failure)" }
            return Result(name: resource.id.name, source: describe(spec.source), problem: problem)
        }
    }

    /// As a sidecar lists it.
    private func read(_ item: JSONValue) -> Result {
        let from = item["spec"]?["from"]
        let source =
            from?["env"]?.string.map { describe(.environment($0)) }
            ?? from?["file"]?.string.map {
                describe(.file($0))
            }
        let isResolved = item["status"]?["state"]?.string == "Resolved"
        return Result(
            name: item["name"]?.string ?? "", source: source ?? "",
            problem: isResolved ? nil : item["status"]?["problem"]?.string ?? "it was not read yet")
    }

    private func resources() async throws -> [Resource] {
        if let dir {
            var loader = Loader(environment: environment.env)
            return try loader.load(try WorkingTree(dir).files()).desiredState().resources
        }
        let store = try live.state.openForReading()
        let configuration = try await store.liveConfiguration()
        try store.close()
        return try configuration.resources.map { try Resource(canonical: $0.canonical) }
    }

    private func describe(_ source: SecretReferenceSpec.Source) -> String {
        switch source {
        case .environment(let name): "env \(name)"
        case .file(let path): "file \(path)"
        }
    }
}
