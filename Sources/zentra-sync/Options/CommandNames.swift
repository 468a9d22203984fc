import ArgumentParser
import Resources

/// Names of commands that do not exist; the argument parser takes them for arguments, and suggests none.
enum CommandNames {
    /// - Throws: `Failure` that names the nearest command.
    static func check(_ arguments: [String]) throws {
        var command: any ParsableCommand.Type = ZentraSync.self
        // `help deliveries list` names a command, too.
        for argument in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            let names = command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            guard !argument.hasPrefix("-"), argument != "help", argument != GitChildCommand._commandName,
                !names.isEmpty
            else { return }
            guard let next = names.first(where: { $0._commandName == argument }) else {
                throw unknown(argument, names.map { $0._commandName })
            }
            command = next
        }
    }

    private static func unknown(_ name: String, _ known: [String]) -> Failure {
        let all = known.map { "`\($0)`" }.joined(separator: ", ")
        return Failure(
            "there is no command `\(name)`",
            hint: Suggestion.hint(for: name, in: known)
                ?? (known.count < 10 ? "there are \(all)" : "`zentra-sync help` lists them all"),
            status: .usage)
    }
}
