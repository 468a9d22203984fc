import ArgumentParser
import GitSource
import Store

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version, the commit of the build, and those of the libraries.")

    func run() {
        Console.standard.print("zentra-sync \(Version.current)")
        Console.standard.print("commit      \(Version.commit)")
        Console.standard.print("libgit2     \(GitLibrary.version)")
        Console.standard.print("SQLite      \(Store.engineVersion)")
    }
}

/// The hidden verb behind which all git network work happens.
struct GitChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: GitChild.verb, shouldDisplay: false)

    func run() { GitChild.main() }
}
