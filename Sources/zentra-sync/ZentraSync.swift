import ArgumentParser
import Glibc

/// The command line.
@main
struct ZentraSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zentra-sync",
        abstract: "Zentra integrations as code: plan, apply and run them from a git repository.",
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Configuration",
                subcommands: [
                    InitCommand.self, ValidateCommand.self, TestCommand.self, SchemaCommand.self,
                    ExplainCommand.self, EvalCommand.self, PlanCommand.self, ApplyCommand.self,
                    DumpCommand.self,
                ]),
            CommandGroup(
                name: "Sidecar",
                subcommands: [
                    RunCommand.self, StatusCommand.self, HistoryCommand.self, RollbackCommand.self,
                    SuspendCommand.self, ResumeCommand.self, SecretsCommand.self, BackupCommand.self,
                    DoctorCommand.self,
                ]),
            CommandGroup(
                name: "Traffic",
                subcommands: [
                    EventsCommand.self, DeliveriesCommand.self, RunsCommand.self, ListenCommand.self,
                ]),
            CommandGroup(name: "Other", subcommands: [VersionCommand.self, GitChildCommand.self]),
        ])

    static var _errorLabel: String { "error" }

    static func main() async {
        // A closed pipe behind standard output or a receiver's reset is an error of that write, not of the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = try EnvironmentOptions.arguments(
                from: Array(CommandLine.arguments.dropFirst()), environment: ProcessEnvironment.all)
            try CommandNames.check(arguments)
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try ThreadNeed.check(asynchronous)
                try await asynchronous.run()
            } else {
                try command.run()
            }
            ExitStatus.exitIfResultsAreLost()
        } catch {
            ExitStatus.exit(after: error)
        }
    }
}
