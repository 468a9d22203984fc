import ArgumentParser
import JSON

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what usually goes wrong: libraries, permissions, clock, git access, ports, disk.",
        discussion: "With --repo the repository is fetched once, into a folder that is removed again.")

    @Option(help: ArgumentHelp("The public listener of `run`.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)

    @Option(help: ArgumentHelp("The listener for operators of `run`.", valueName: "host:port"))
    var adminListen = ListenAddress(host: "127.0.0.1", port: 9090)

    @Option(help: "human or json.")
    var format = ListFormat.human

    @OptionGroup var source: SourceOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var findings = [Examination.libraries]
        findings += Examination.state(state.path)
        findings.append(await Examination.clock(state.path))
        findings.append(Examination.disk(state.path))
        findings += Examination.ports([("--listen", listen), ("--admin-listen", adminListen)], state.path)
        findings += Examination.cache(source)
        findings.append(await Examination.git(source))
        switch format {
        case .json: Console.standard.print(JSONValue.array(findings.map(\.json)).prettyText)
        case .human: for finding in findings { print(finding) }
        }
        guard !findings.contains(where: { $0.verdict == .bad }) else { throw ExitStatus.failed.end }
    }

    private func print(_ finding: Finding) {
        let palette = output.palette
        let mark =
            switch finding.verdict {
            case .good: palette.green("ok  ")
            case .doubtful: palette.yellow("warn")
            case .bad: palette.red("fail")
            }
        Console.standard.print("\(mark)  \(finding.subject): \(finding.message)")
        if let hint = finding.hint { Console.standard.print("      hint: \(hint)") }
    }
}
