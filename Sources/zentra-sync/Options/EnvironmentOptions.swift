import ArgumentParser
import Glibc
import JSON

/// Options of `run` from the environment: `--git-timeout 60s` is `ZENTRA_SYNC_GIT_TIMEOUT=60s`; a flag beats the
/// variable.
///
/// Which options there are is asked of the argument parser, so there is no second list.
enum EnvironmentOptions {
    static let prefix = "ZENTRA_SYNC_"
    /// Variables of the build and of Kubernetes, which adds some for every service called `zentra-sync`.
    private static let ignoredSuffixes = [
        "_PORT", "_SERVICE_HOST", "_SERVICE_PORT", "_PROTO", "_ADDR", "_TCP", "_UDP",
    ]

    private struct Option {
        let name: String
        let isFlag: Bool

        var variable: String { prefix + name.uppercased().replacing("-", with: "_") }
    }

    /// The arguments with those that the environment adds.
    static func arguments(from arguments: [String], environment: [String: String]) throws -> [String] {
        guard arguments.first == RunCommand.configuration.commandName else { return arguments }
        let options = try options()
        let given = Set(
            arguments.compactMap {
                $0.hasPrefix("--") ? $0.split(separator: "=").first.map(String.init) : nil
            })
        var added: [String] = []
        for option in options where !given.contains("--" + option.name) {
            guard let value = environment[option.variable] else { continue }
            switch (option.isFlag, value) {
            case (true, "true"), (true, "1"): added.append("--" + option.name)
            case (true, "false"), (true, "0"), (true, ""): break
            case (true, _): throw ValidationError("\(option.variable) is `true` or `false`, not `\(value)`")
            // What fills in variables often sets those to nothing that it has no value for.
            case (false, ""): break
            case (false, _): added += ["--\(option.name)=\(value)"]
            }
        }
        warn(environment.keys.filter { $0.hasPrefix(prefix) }, known: Set(options.map(\.variable)))
        return arguments + added
    }

    private static func warn(_ variables: [String], known: Set<String>) {
        for variable in variables.sorted() where !known.contains(variable) {
            let isServiceLink = ignoredSuffixes.contains { suffix in
                variable.hasSuffix(suffix) || variable.contains(suffix + "_")
            }
            if !isServiceLink {
                Console.standard.warning("the environment variable \(variable) names no option of `run`")
            }
        }
    }

    private static func options() throws -> [Option] {
        let help = try JSONValue(parsing: ZentraSync._dumpHelp(), limits: JSONLimits(depth: 64))
        let run = help["command"]?["subcommands"]?.array?.first {
            $0["commandName"]?.string == RunCommand.configuration.commandName
        }
        return (run?["arguments"]?.array ?? []).compactMap { argument in
            let names = argument["names"]?.array ?? []
            guard let name = names.first(where: { $0["kind"]?.string == "long" })?["name"]?.string,
                name != "help", name != "version"
            else { return nil }
            return Option(name: name, isFlag: argument["kind"]?.string == "flag")
        }
    }
}

/// The environment of the process.
enum ProcessEnvironment {
    static var all: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            result[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
            entry += 1
        }
        return result
    }
}
